"""Loans, what happened to them, bulk runs, and the guard against booking a vehicle twice."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

EXCLUSIVE = "('planned', 'manual', 'requested')"
OVERLAP = f"""
    SELECT 1 FROM scheduled_assignments AS other
    WHERE other.fleet_vehicle_id = NEW.fleet_vehicle_id AND other.id <> NEW.id
      AND other.status IN {EXCLUSIVE}
      AND other.start_day < NEW.end_day AND NEW.start_day < other.end_day
"""


def upgrade_guard():
    """Two loans that hold one vehicle for a common day cannot both be stored."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"""
            ALTER TABLE scheduled_assignments ADD CONSTRAINT vehicle_double_booked EXCLUDE USING gist (
                int8range(fleet_vehicle_id, fleet_vehicle_id, '[]') WITH &&,
                daterange(start_day, end_day, '[)') WITH &&
            ) WHERE (status IN {EXCLUSIVE})
        """)
        return
    for event in ("INSERT", "UPDATE OF fleet_vehicle_id, start_day, end_day, status"):
        name = "vehicle_double_booked_" + event.split()[0].lower()
        op.execute(f"""
            CREATE TRIGGER {name} AFTER {event} ON scheduled_assignments
            WHEN NEW.status IN {EXCLUSIVE} AND EXISTS ({OVERLAP})
            BEGIN SELECT RAISE(ABORT, 'vehicle_double_booked'); END
        """)


def upgrade():
    op.create_table(
        "loan_batches",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_loan_batches_company_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_loan_batches_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_batches")),
    )
    op.create_index(op.f("ix_loan_batches_finished_at"), "loan_batches", ["finished_at"], unique=False)
    op.create_index(op.f("ix_loan_batches_user_id"), "loan_batches", ["user_id"], unique=False)
    op.create_table(
        "loan_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_loan_events_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_events")),
    )
    op.create_index(op.f("ix_loan_events_assignment_id"), "loan_events", ["assignment_id"], unique=False)
    op.create_table(
        "scheduled_assignments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("fleet_vehicle_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("partner_name", sa.String(length=200), nullable=False),
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("start_day", sa.Date(), nullable=False),
        sa.Column("end_day", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("green_status", sa.String(length=20), nullable=False),
        sa.Column("fms_request_id", sa.BigInteger(), nullable=True),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("chain_id", sa.String(length=36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("flag", sa.String(length=40), server_default="", nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("green_status IN ('manual', 'planned')", name=op.f("ck_scheduled_assignments_green_status")),
        sa.CheckConstraint(
            "status IN ('planned', 'manual', 'requested', 'active', 'completed', 'cancelled')",
            name=op.f("ck_scheduled_assignments_status"),
        ),
        sa.CheckConstraint("start_day < end_day", name=op.f("ck_scheduled_assignments_period")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_scheduled_assignments_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_scheduled_assignments_created_by")),
        sa.ForeignKeyConstraint(
            ["fleet_vehicle_id"], ["vehicles.id"], name=op.f("fk_scheduled_assignments_fleet_vehicle_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_assignments")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_scheduled_assignments_activity_id"), "scheduled_assignments", ["activity_id"], unique=False
    )
    op.create_index(op.f("ix_scheduled_assignments_chain_id"), "scheduled_assignments", ["chain_id"], unique=False)
    op.create_index(
        op.f("ix_scheduled_assignments_company_id_end_day_start_day"),
        "scheduled_assignments",
        ["company_id", "end_day", "start_day"],
        unique=False,
    )
    op.create_index(
        op.f("ix_scheduled_assignments_company_id_person_id_start_day"),
        "scheduled_assignments",
        ["company_id", "person_id", "start_day"],
        unique=False,
    )
    op.create_index(
        op.f("ix_scheduled_assignments_fleet_vehicle_id_start_day"),
        "scheduled_assignments",
        ["fleet_vehicle_id", "start_day"],
        unique=False,
    )
    op.create_index(
        op.f("ix_scheduled_assignments_fms_request_id"), "scheduled_assignments", ["fms_request_id"], unique=False
    )
    op.create_table(
        "loan_batch_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=400), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fms_request_id", sa.BigInteger(), nullable=True),
        sa.Column("created_in_fms", sa.Boolean(), nullable=False),
        sa.Column("deleted_from_fms", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["loan_batches.id"], name=op.f("fk_loan_batch_rows_batch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_batch_rows")),
        sa.UniqueConstraint("batch_id", "position", name=op.f("uq_loan_batch_rows_batch_id_position")),
    )
    # ### end Alembic commands ###
    upgrade_guard()


def downgrade():
    op.drop_table("loan_batch_rows")
    op.drop_index(op.f("ix_scheduled_assignments_fms_request_id"), table_name="scheduled_assignments")
    op.drop_index(op.f("ix_scheduled_assignments_fleet_vehicle_id_start_day"), table_name="scheduled_assignments")
    op.drop_index(op.f("ix_scheduled_assignments_company_id_person_id_start_day"), table_name="scheduled_assignments")
    op.drop_index(op.f("ix_scheduled_assignments_company_id_end_day_start_day"), table_name="scheduled_assignments")
    op.drop_index(op.f("ix_scheduled_assignments_chain_id"), table_name="scheduled_assignments")
    op.drop_index(op.f("ix_scheduled_assignments_activity_id"), table_name="scheduled_assignments")
    op.drop_table("scheduled_assignments")
    op.drop_index(op.f("ix_loan_events_assignment_id"), table_name="loan_events")
    op.drop_table("loan_events")
    op.drop_index(op.f("ix_loan_batches_user_id"), table_name="loan_batches")
    op.drop_index(op.f("ix_loan_batches_finished_at"), table_name="loan_batches")
    op.drop_table("loan_batches")
    # ### end Alembic commands ###
