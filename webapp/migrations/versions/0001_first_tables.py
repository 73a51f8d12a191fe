"""The first tables, and the guard in the database itself against booking a vehicle twice."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
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
        "companies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sa.UniqueConstraint("name", name=op.f("uq_companies_name")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failures")),
    )
    op.create_index(
        op.f("ix_sign_in_failures_address_failed_at"), "sign_in_failures", ["address", "failed_at"], unique=False
    )
    op.create_index(
        op.f("ix_sign_in_failures_email_failed_at"), "sign_in_failures", ["email", "failed_at"], unique=False
    )
    op.create_table(
        "activities",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("vin", sa.String(length=17), nullable=False),
        sa.Column("activity_type", sa.String(length=80), nullable=False),
        sa.Column("start_day", sa.Date(), nullable=False),
        sa.Column("end_day", sa.Date(), nullable=False),
        sa.Column("to", sa.String(length=200), nullable=False),
        sa.Column("partner_address", sa.Text(), nullable=False),
        sa.Column("region", sa.String(length=120), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_activities_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
        sa.UniqueConstraint("company_id", "activity_id", name=op.f("uq_activities_company_id_activity_id")),
    )
    op.create_index(
        op.f("ix_activities_company_id_end_day_start_day"),
        "activities",
        ["company_id", "end_day", "start_day"],
        unique=False,
    )
    op.create_index(
        op.f("ix_activities_company_id_vin_start_day"), "activities", ["company_id", "vin", "start_day"], unique=False
    )
    op.create_table(
        "approved_makes",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("make", sa.String(length=80), nullable=False),
        sa.Column("rank", sa.String(length=20), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_approved_makes_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approved_makes")),
        sa.UniqueConstraint(
            "company_id", "person_id", "make", name=op.f("uq_approved_makes_company_id_person_id_make")
        ),
    )
    op.create_table(
        "budgets",
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("fleet", sa.String(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("allocation", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("amount_used", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_budgets_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budgets")),
        sa.UniqueConstraint(
            "company_id",
            "office",
            "fleet",
            "year",
            "quarter",
            name=op.f("uq_budgets_company_id_office_fleet_year_quarter"),
        ),
    )
    op.create_table(
        "holidays",
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("is_all_day", sa.Boolean(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=True),
        sa.Column("end_time", sa.Time(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_holidays_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holidays")),
        sa.UniqueConstraint("company_id", "office", "day", name=op.f("uq_holidays_company_id_office_day")),
    )
    op.create_table(
        "loan_costs",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("make", sa.String(length=80), nullable=False),
        sa.Column("cost", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_loan_costs_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_costs")),
        sa.UniqueConstraint("company_id", "person_id", "make", name=op.f("uq_loan_costs_company_id_person_id_make")),
    )
    op.create_table(
        "loan_history",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("vin", sa.String(length=17), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("make", sa.String(length=80), nullable=False),
        sa.Column("model", sa.String(length=160), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("model_short_name", sa.String(length=120), nullable=False),
        sa.Column("start_day", sa.Date(), nullable=False),
        sa.Column("end_day", sa.Date(), nullable=False),
        sa.Column("clips_received", sa.Integer(), nullable=True),
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("partner_address", sa.Text(), nullable=False),
        sa.Column("region", sa.String(length=120), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_loan_history_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_history")),
        sa.UniqueConstraint("company_id", "activity_id", name=op.f("uq_loan_history_company_id_activity_id")),
    )
    op.create_index(
        op.f("ix_loan_history_company_id_person_id_end_day"),
        "loan_history",
        ["company_id", "person_id", "end_day"],
        unique=False,
    )
    op.create_index(
        op.f("ix_loan_history_company_id_vin_end_day"), "loan_history", ["company_id", "vin", "end_day"], unique=False
    )
    op.create_table(
        "locations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=True),
        sa.Column("is_office", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_locations_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locations")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_locations_company_id_name")),
    )
    op.create_table(
        "office_capacities",
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("drivers_per_day", sa.Integer(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_office_capacities_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_capacities")),
        sa.UniqueConstraint("company_id", "office", name=op.f("uq_office_capacities_company_id_office")),
    )
    op.create_table(
        "partners",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("default_loan_region", sa.String(length=120), nullable=False),
        sa.Column("notes_instructions", sa.Text(), nullable=False),
        sa.Column("affiliation", sa.String(length=200), nullable=False),
        sa.Column("activity_type_subcategory_id", sa.Integer(), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_partners_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners")),
        sa.UniqueConstraint("company_id", "person_id", "office", name=op.f("uq_partners_company_id_person_id_office")),
    )
    op.create_index(op.f("ix_partners_company_id_office"), "partners", ["company_id", "office"], unique=False)
    op.create_table(
        "rules",
        sa.Column("make", sa.String(length=80), nullable=False),
        sa.Column("rank", sa.String(length=20), nullable=False),
        sa.Column("loan_cap_per_year", sa.Integer(), nullable=True),
        sa.Column("publication_rate", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("cooldown_days", sa.Integer(), nullable=True),
        sa.Column("is_hard", sa.Boolean(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_rules_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules")),
        sa.UniqueConstraint("company_id", "make", "rank", name=op.f("uq_rules_company_id_make_rank")),
    )
    op.create_table(
        "sync_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("trigger", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_sync_runs_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_runs")),
    )
    op.create_index(
        op.f("ix_sync_runs_company_id_kind_started_at"), "sync_runs", ["company_id", "kind", "started_at"], unique=False
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("fms_user_id", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('SUPER_ADMIN', 'ADMIN', 'MANAGER', 'SCHEDULER', 'DISPATCHER', 'AUDITOR', 'DRIVER', 'MOVER')",
            name=op.f("ck_users_role"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_users_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "vehicles",
        sa.Column("vehicle_id", sa.Integer(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("make", sa.String(length=80), nullable=False),
        sa.Column("model", sa.String(length=160), nullable=False),
        sa.Column("model_short_name", sa.String(length=120), nullable=False),
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("vin", sa.String(length=17), nullable=False),
        sa.Column("fleet", sa.String(length=120), nullable=False),
        sa.Column("registration_exp", sa.Date(), nullable=True),
        sa.Column("insurance_exp", sa.Date(), nullable=True),
        sa.Column("current_mileage", sa.Integer(), nullable=True),
        sa.Column("in_service_date", sa.Date(), nullable=True),
        sa.Column("expected_turn_in_date", sa.Date(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("color", sa.String(length=120), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_vehicles_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicles")),
        sa.UniqueConstraint("company_id", "vin", name=op.f("uq_vehicles_company_id_vin")),
    )
    op.create_index(op.f("ix_vehicles_company_id_office"), "vehicles", ["company_id", "office"], unique=False)
    op.create_index(op.f("ix_vehicles_vehicle_id"), "vehicles", ["vehicle_id"], unique=False)
    op.create_table(
        "fms_operations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=400), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("request", sa.JSON(), nullable=True),
        sa.Column("fms_request_id", sa.BigInteger(), nullable=True),
        sa.Column("requestor_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("requested_by", sa.String(length=120), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('create', 'delete')", name=op.f("ck_fms_operations_kind")),
        sa.CheckConstraint(
            "state IN ('sending', 'succeeded', 'failed', 'uncertain', 'refused')", name=op.f("ck_fms_operations_state")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_fms_operations_company_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_fms_operations_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fms_operations")),
        sa.UniqueConstraint("reference", name=op.f("uq_fms_operations_reference")),
    )
    op.create_index(op.f("ix_fms_operations_batch_id"), "fms_operations", ["batch_id"], unique=False)
    op.create_index(
        op.f("ix_fms_operations_company_id_created_at"), "fms_operations", ["company_id", "created_at"], unique=False
    )
    op.create_index(
        op.f("ix_fms_operations_subject_assignment_id"), "fms_operations", ["subject", "assignment_id"], unique=False
    )
    op.create_index(
        "ix_fms_operations_unfinished",
        "fms_operations",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state IN ('sending', 'uncertain')"),
        postgresql_where=sa.text("state IN ('sending', 'uncertain')"),
    )
    op.create_index(
        "uq_fms_operations_open",
        "fms_operations",
        ["subject", "assignment_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('sending', 'uncertain')"),
        postgresql_where=sa.text("state IN ('sending', 'uncertain')"),
    )
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
        "sync_feed_results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("valid", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("inserted", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("bad_rows", sa.JSON(), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["sync_runs.id"], name=op.f("fk_sync_feed_results_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_feed_results")),
        sa.UniqueConstraint("run_id", "name", name=op.f("uq_sync_feed_results_run_id_name")),
    )
    op.create_index(
        op.f("ix_sync_feed_results_name_status_finished_at"),
        "sync_feed_results",
        ["name", "status", "finished_at"],
        unique=False,
    )
    op.create_table(
        "user_locations",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_user_locations_location_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_locations_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "location_id", name=op.f("pk_user_locations")),
    )
    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_sessions_token_hash")),
    )
    op.create_index(op.f("ix_user_sessions_user_id"), "user_sessions", ["user_id"], unique=False)
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
    upgrade_guard()


def downgrade():
    op.drop_table("loan_batch_rows")
    op.drop_index(op.f("ix_user_sessions_user_id"), table_name="user_sessions")
    op.drop_table("user_sessions")
    op.drop_table("user_locations")
    op.drop_index(op.f("ix_sync_feed_results_name_status_finished_at"), table_name="sync_feed_results")
    op.drop_table("sync_feed_results")
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
    op.drop_index(
        "uq_fms_operations_open",
        table_name="fms_operations",
        sqlite_where=sa.text("state IN ('sending', 'uncertain')"),
        postgresql_where=sa.text("state IN ('sending', 'uncertain')"),
    )
    op.drop_index(
        "ix_fms_operations_unfinished",
        table_name="fms_operations",
        sqlite_where=sa.text("state IN ('sending', 'uncertain')"),
        postgresql_where=sa.text("state IN ('sending', 'uncertain')"),
    )
    op.drop_index(op.f("ix_fms_operations_subject_assignment_id"), table_name="fms_operations")
    op.drop_index(op.f("ix_fms_operations_company_id_created_at"), table_name="fms_operations")
    op.drop_index(op.f("ix_fms_operations_batch_id"), table_name="fms_operations")
    op.drop_table("fms_operations")
    op.drop_index(op.f("ix_vehicles_vehicle_id"), table_name="vehicles")
    op.drop_index(op.f("ix_vehicles_company_id_office"), table_name="vehicles")
    op.drop_table("vehicles")
    op.drop_table("users")
    op.drop_index(op.f("ix_sync_runs_company_id_kind_started_at"), table_name="sync_runs")
    op.drop_table("sync_runs")
    op.drop_table("rules")
    op.drop_index(op.f("ix_partners_company_id_office"), table_name="partners")
    op.drop_table("partners")
    op.drop_table("office_capacities")
    op.drop_table("locations")
    op.drop_index(op.f("ix_loan_history_company_id_vin_end_day"), table_name="loan_history")
    op.drop_index(op.f("ix_loan_history_company_id_person_id_end_day"), table_name="loan_history")
    op.drop_table("loan_history")
    op.drop_table("loan_costs")
    op.drop_table("holidays")
    op.drop_table("budgets")
    op.drop_table("approved_makes")
    op.drop_index(op.f("ix_activities_company_id_vin_start_day"), table_name="activities")
    op.drop_index(op.f("ix_activities_company_id_end_day_start_day"), table_name="activities")
    op.drop_table("activities")
    op.drop_index(op.f("ix_sign_in_failures_email_failed_at"), table_name="sign_in_failures")
    op.drop_index(op.f("ix_sign_in_failures_address_failed_at"), table_name="sign_in_failures")
    op.drop_table("sign_in_failures")
    op.drop_table("leases")
    op.drop_table("companies")
