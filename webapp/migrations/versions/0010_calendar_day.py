"""What the calendar of a whole day needs: views, private addresses, notes, deeds to undo, changes to show at once."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "loan_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=True),
        sa.Column("fleet_vehicle_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_loan_changes_changed_at"), "loan_changes", ["changed_at"], unique=False)
    op.create_index(op.f("ix_loan_changes_company_id_id"), "loan_changes", ["company_id", "id"], unique=False)
    op.create_table(
        "calendar_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('office', 'vehicle', 'partner')", name=op.f("ck_calendar_links_kind")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_calendar_links_company_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_calendar_links_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_links_token_hash")),
    )
    op.create_index(op.f("ix_calendar_links_user_id"), "calendar_links", ["user_id"], unique=False)
    op.create_table(
        "loan_deeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.String(length=36), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(length=400), nullable=False),
        sa.Column("is_undo", sa.Boolean(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_loan_deeds_company_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_loan_deeds_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_deeds")),
    )
    op.create_index(op.f("ix_loan_deeds_assignment_id"), "loan_deeds", ["assignment_id"], unique=False)
    op.create_index(op.f("ix_loan_deeds_done_at"), "loan_deeds", ["done_at"], unique=False)
    op.create_index(
        op.f("ix_loan_deeds_step_id_assignment_id"), "loan_deeds", ["step_id", "assignment_id"], unique=False
    )
    op.create_index(op.f("ix_loan_deeds_user_id_id"), "loan_deeds", ["user_id", "id"], unique=False)
    op.create_table(
        "loan_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_loan_notes_company_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_loan_notes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_notes")),
    )
    op.create_index(op.f("ix_loan_notes_assignment_id"), "loan_notes", ["assignment_id"], unique=False)
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_saved_views_company_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_saved_views_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_views_user_id_name")),
    )
    op.create_index(
        op.f("ix_saved_views_company_id_is_shared"), "saved_views", ["company_id", "is_shared"], unique=False
    )
    op.create_index(
        op.f("ix_scheduled_assignments_company_id_office_end_day"),
        "scheduled_assignments",
        ["company_id", "office", "end_day"],
        unique=False,
    )
    op.create_table(
        "vehicle_uses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("vin", sa.String(length=17), nullable=False),
        sa.Column("loans", sa.Integer(), nullable=False),
        sa.Column("usual", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_vehicle_uses_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle_uses")),
        sa.UniqueConstraint("company_id", "vin", name=op.f("uq_vehicle_uses_company_id_vin")),
    )
    op.add_column("soft_holds", sa.Column("person_id", sa.Integer(), nullable=True))
    op.add_column("loan_batches", sa.Column("days", sa.Integer(), nullable=True))
    op.add_column("loan_batches", sa.Column("undoes", sa.String(length=36), nullable=True))
    op.add_column("loan_batch_rows", sa.Column("wanted", sa.JSON(), nullable=True))
    op.add_column("loan_batch_rows", sa.Column("version", sa.Integer(), nullable=True))
    op.add_column("loan_batch_rows", sa.Column("queue", sa.String(length=40), nullable=True))
    op.add_column("loan_events", sa.Column("version", sa.Integer(), nullable=True))
    op.add_column("loan_events", sa.Column("office", sa.String(length=120), nullable=True))
    op.add_column("loan_events", sa.Column("company_id", sa.Integer(), nullable=True))


def downgrade():
    op.drop_column("loan_events", "company_id")
    op.drop_column("loan_events", "office")
    op.drop_column("loan_events", "version")
    op.drop_column("loan_batch_rows", "queue")
    op.drop_column("loan_batch_rows", "version")
    op.drop_column("loan_batch_rows", "wanted")
    op.drop_column("loan_batches", "undoes")
    op.drop_column("loan_batches", "days")
    op.drop_column("soft_holds", "person_id")
    op.drop_table("vehicle_uses")
    op.drop_index(op.f("ix_scheduled_assignments_company_id_office_end_day"), table_name="scheduled_assignments")
    op.drop_index(op.f("ix_saved_views_company_id_is_shared"), table_name="saved_views")
    op.drop_table("saved_views")
    op.drop_index(op.f("ix_loan_notes_assignment_id"), table_name="loan_notes")
    op.drop_table("loan_notes")
    op.drop_index(op.f("ix_loan_deeds_user_id_id"), table_name="loan_deeds")
    op.drop_index(op.f("ix_loan_deeds_step_id_assignment_id"), table_name="loan_deeds")
    op.drop_index(op.f("ix_loan_deeds_done_at"), table_name="loan_deeds")
    op.drop_index(op.f("ix_loan_deeds_assignment_id"), table_name="loan_deeds")
    op.drop_table("loan_deeds")
    op.drop_index(op.f("ix_calendar_links_user_id"), table_name="calendar_links")
    op.drop_table("calendar_links")
    op.drop_index(op.f("ix_loan_changes_company_id_id"), table_name="loan_changes")
    op.drop_index(op.f("ix_loan_changes_changed_at"), table_name="loan_changes")
    op.drop_table("loan_changes")
