"""What is known of SmartMoving: calls, opportunities, names; what a run of it reports."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "smartmoving_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_smartmoving_calls_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_smartmoving_calls")),
    )
    op.create_index(
        op.f("ix_smartmoving_calls_company_id_called_at"),
        "smartmoving_calls",
        ["company_id", "called_at"],
        unique=False,
    )
    op.create_index(op.f("ix_smartmoving_calls_run_id"), "smartmoving_calls", ["run_id"], unique=False)
    op.create_table(
        "smartmoving_opportunities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("opportunity_id", sa.String(length=60), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("detail_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_smartmoving_opportunities_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_smartmoving_opportunities")),
        sa.UniqueConstraint(
            "company_id", "opportunity_id", name=op.f("uq_smartmoving_opportunities_company_id_opportunity_id")
        ),
    )
    op.create_index(
        op.f("ix_smartmoving_opportunities_last_day"), "smartmoving_opportunities", ["last_day"], unique=False
    )
    op.create_table(
        "smartmoving_region_zones",
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=10), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_smartmoving_region_zones_company_id")),
        sa.PrimaryKeyConstraint("company_id", "region", name=op.f("pk_smartmoving_region_zones")),
    )
    op.create_table(
        "smartmoving_service_types",
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_smartmoving_service_types_company_id")),
        sa.PrimaryKeyConstraint("company_id", "number", name=op.f("pk_smartmoving_service_types")),
    )
    op.create_table(
        "smartmoving_state",
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("branches_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("service_types_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hold_reason", sa.Text(), nullable=False),
        sa.Column("probed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probe_is_good", sa.Boolean(), nullable=True),
        sa.Column("probe_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_smartmoving_state_company_id")),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_smartmoving_state")),
    )
    op.add_column("sync_runs", sa.Column("report", sa.JSON(), nullable=True))


def downgrade():
    op.drop_column("sync_runs", "report")
    op.drop_table("smartmoving_state")
    op.drop_table("smartmoving_service_types")
    op.drop_table("smartmoving_region_zones")
    op.drop_index(op.f("ix_smartmoving_opportunities_last_day"), table_name="smartmoving_opportunities")
    op.drop_table("smartmoving_opportunities")
    op.drop_index(op.f("ix_smartmoving_calls_run_id"), table_name="smartmoving_calls")
    op.drop_index(op.f("ix_smartmoving_calls_company_id_called_at"), table_name="smartmoving_calls")
    op.drop_table("smartmoving_calls")
