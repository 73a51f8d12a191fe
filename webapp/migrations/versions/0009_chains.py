"""Chains that are being built, and the vehicles that somebody is planning with."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index(op.f("ix_activities_company_id_person_id"), "activities", ["company_id", "person_id"], unique=False)
    op.create_table(
        "chain_drafts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("fleet_vehicle_id", sa.Integer(), nullable=True),
        sa.Column("start_day", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("respect_budgets", sa.Boolean(), nullable=False),
        sa.Column("allow_double_booking", sa.Boolean(), nullable=False),
        sa.Column("is_strict", sa.Boolean(), nullable=False),
        sa.Column("makes", sa.JSON(), nullable=False),
        sa.Column("models", sa.JSON(), nullable=False),
        sa.Column("tiers", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=True),
        sa.Column("chain_id", sa.String(length=36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('partner', 'vehicle')", name=op.f("ck_chain_drafts_kind")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_chain_drafts_company_id")),
        sa.ForeignKeyConstraint(["fleet_vehicle_id"], ["vehicles.id"], name=op.f("fk_chain_drafts_fleet_vehicle_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_chain_drafts_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_drafts")),
    )
    op.create_index(op.f("ix_chain_drafts_user_id_touched_at"), "chain_drafts", ["user_id", "touched_at"], unique=False)
    op.create_table(
        "soft_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("fleet_vehicle_id", sa.Integer(), nullable=False),
        sa.Column("start_day", sa.Date(), nullable=False),
        sa.Column("end_day", sa.Date(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.String(length=36), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_soft_holds_company_id")),
        sa.ForeignKeyConstraint(["fleet_vehicle_id"], ["vehicles.id"], name=op.f("fk_soft_holds_fleet_vehicle_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_soft_holds_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_soft_holds")),
    )
    op.create_index(op.f("ix_soft_holds_company_id_until"), "soft_holds", ["company_id", "until"], unique=False)
    op.create_index(
        op.f("ix_soft_holds_fleet_vehicle_id_until"), "soft_holds", ["fleet_vehicle_id", "until"], unique=False
    )
    op.create_index(op.f("ix_soft_holds_plan_id"), "soft_holds", ["plan_id"], unique=False)
    op.create_table(
        "chain_draft_slots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("start_day", sa.Date(), nullable=False),
        sa.Column("end_day", sa.Date(), nullable=False),
        sa.Column("has_chosen_days", sa.Boolean(), nullable=False),
        sa.Column("fleet_vehicle_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.CheckConstraint("start_day < end_day", name=op.f("ck_chain_draft_slots_period")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["chain_drafts.id"], name=op.f("fk_chain_draft_slots_draft_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["fleet_vehicle_id"], ["vehicles.id"], name=op.f("fk_chain_draft_slots_fleet_vehicle_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_draft_slots")),
        sa.UniqueConstraint("draft_id", "position", name=op.f("uq_chain_draft_slots_draft_id_position")),
    )


def downgrade():
    op.drop_table("chain_draft_slots")
    op.drop_index(op.f("ix_soft_holds_plan_id"), table_name="soft_holds")
    op.drop_index(op.f("ix_soft_holds_fleet_vehicle_id_until"), table_name="soft_holds")
    op.drop_index(op.f("ix_soft_holds_company_id_until"), table_name="soft_holds")
    op.drop_table("soft_holds")
    op.drop_index(op.f("ix_chain_drafts_user_id_touched_at"), table_name="chain_drafts")
    op.drop_table("chain_drafts")
    op.drop_index(op.f("ix_activities_company_id_person_id"), table_name="activities")
