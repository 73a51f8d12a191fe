"""What FMS tells us, what operations lay down, and what is derived from both."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
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
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("located_by", sa.String(length=10), server_default="", nullable=False),
        sa.Column("located_from", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_partners_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners")),
        sa.UniqueConstraint("company_id", "person_id", "office", name=op.f("uq_partners_company_id_person_id_office")),
    )
    op.create_index(op.f("ix_partners_company_id_office"), "partners", ["company_id", "office"], unique=False)
    op.create_table(
        "preferred_weekdays",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("loans", sa.Integer(), nullable=False),
        sa.Column("share", sa.Numeric(precision=4, scale=3), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_preferred_weekdays_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preferred_weekdays")),
        sa.UniqueConstraint(
            "company_id", "person_id", "office", name=op.f("uq_preferred_weekdays_company_id_person_id_office")
        ),
    )
    op.create_table(
        "publication_rates",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("make", sa.String(length=80), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_publication_rates_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_rates")),
        sa.UniqueConstraint(
            "company_id", "person_id", "make", name=op.f("uq_publication_rates_company_id_person_id_make")
        ),
    )
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
    # ### end Alembic commands ###


def downgrade():
    op.drop_index(op.f("ix_vehicles_vehicle_id"), table_name="vehicles")
    op.drop_index(op.f("ix_vehicles_company_id_office"), table_name="vehicles")
    op.drop_table("vehicles")
    op.drop_table("rules")
    op.drop_table("publication_rates")
    op.drop_table("preferred_weekdays")
    op.drop_index(op.f("ix_partners_company_id_office"), table_name="partners")
    op.drop_table("partners")
    op.drop_table("office_capacities")
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
    # ### end Alembic commands ###
