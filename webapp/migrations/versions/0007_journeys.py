"""Journeys with crews, trucks, ticks and history; branches of a moving company beside the offices."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "journey_board_marks",
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_journey_board_marks_company_id")),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_journey_board_marks")),
    )
    op.create_table(
        "truck_journeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("data_source", sa.String(length=20), nullable=False),
        sa.Column("job_id", sa.String(length=60), nullable=True),
        sa.Column("opportunity_id", sa.String(length=60), nullable=True),
        sa.Column("external_id", sa.String(length=80), nullable=True),
        sa.Column("job_number", sa.String(length=40), nullable=False),
        sa.Column("quote_number", sa.String(length=40), nullable=False),
        sa.Column("external_data", sa.JSON(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("source_status", sa.Integer(), nullable=True),
        sa.Column("sync_status", sa.String(length=20), nullable=False),
        sa.Column("sync_error", sa.Text(), nullable=False),
        sa.Column("last_sync_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("overrides", sa.JSON(), nullable=False),
        sa.Column("customer_name", sa.String(length=200), nullable=False),
        sa.Column("customer_phone", sa.String(length=40), nullable=False),
        sa.Column("customer_email", sa.String(length=254), nullable=False),
        sa.Column("estimated_value", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("scheduled_date", sa.Date(), nullable=False),
        sa.Column("arrival_start", sa.Integer(), nullable=True),
        sa.Column("arrival_end", sa.Integer(), nullable=True),
        sa.Column("origin_address", sa.Text(), nullable=False),
        sa.Column("destination_address", sa.Text(), nullable=False),
        sa.Column("stops", sa.JSON(), nullable=False),
        sa.Column("service_type", sa.String(length=80), nullable=False),
        sa.Column("move_size", sa.String(length=80), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=True),
        sa.Column("crew_needed", sa.Integer(), nullable=True),
        sa.Column("trucks_needed", sa.Integer(), nullable=True),
        sa.Column("minutes_needed", sa.Integer(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("on_board", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("off_reason", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("change_note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["users.id"], name=op.f("fk_truck_journeys_changed_by")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_truck_journeys_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_truck_journeys_created_by")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_truck_journeys_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_truck_journeys")),
        sa.UniqueConstraint("company_id", "job_id", name=op.f("uq_truck_journeys_company_id_job_id")),
    )
    op.create_index(
        op.f("ix_truck_journeys_company_id_opportunity_id"),
        "truck_journeys",
        ["company_id", "opportunity_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_truck_journeys_company_id_scheduled_date"),
        "truck_journeys",
        ["company_id", "scheduled_date"],
        unique=False,
    )
    op.create_index(op.f("ix_truck_journeys_location_id"), "truck_journeys", ["location_id"], unique=False)
    op.create_table(
        "trucks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_trucks_company_id")),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_trucks_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trucks")),
        sa.UniqueConstraint("company_id", "location_id", "name", name=op.f("uq_trucks_company_id_location_id_name")),
    )
    op.create_index(op.f("ix_trucks_location_id"), "trucks", ["location_id"], unique=False)
    op.create_table(
        "journey_crew",
        sa.Column("journey_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["journey_id"], ["truck_journeys.id"], name=op.f("fk_journey_crew_journey_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_journey_crew_user_id")),
        sa.PrimaryKeyConstraint("journey_id", "user_id", name=op.f("pk_journey_crew")),
    )
    op.create_index(op.f("ix_journey_crew_user_id"), "journey_crew", ["user_id"], unique=False)
    op.create_table(
        "journey_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("journey_id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["journey_id"], ["truck_journeys.id"], name=op.f("fk_journey_events_journey_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_journey_events_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_events")),
    )
    op.create_index(op.f("ix_journey_events_journey_id"), "journey_events", ["journey_id"], unique=False)
    op.create_table(
        "journey_looks",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("journey_id", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["journey_id"], ["truck_journeys.id"], name=op.f("fk_journey_looks_journey_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_journey_looks_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "journey_id", name=op.f("pk_journey_looks")),
    )
    op.create_table(
        "journey_taps",
        sa.Column("tap_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("journey_id", sa.Integer(), nullable=False),
        sa.Column("tapped_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["journey_id"], ["truck_journeys.id"], name=op.f("fk_journey_taps_journey_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_journey_taps_user_id")),
        sa.PrimaryKeyConstraint("tap_id", name=op.f("pk_journey_taps")),
    )
    op.create_index(op.f("ix_journey_taps_tapped_at"), "journey_taps", ["tapped_at"], unique=False)
    op.create_table(
        "journey_ticks",
        sa.Column("journey_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["done_by"], ["users.id"], name=op.f("fk_journey_ticks_done_by")),
        sa.ForeignKeyConstraint(["journey_id"], ["truck_journeys.id"], name=op.f("fk_journey_ticks_journey_id")),
        sa.PrimaryKeyConstraint("journey_id", "item", name=op.f("pk_journey_ticks")),
    )
    op.create_table(
        "journey_trucks",
        sa.Column("journey_id", sa.Integer(), nullable=False),
        sa.Column("truck_id", sa.Integer(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["journey_id"], ["truck_journeys.id"], name=op.f("fk_journey_trucks_journey_id")),
        sa.ForeignKeyConstraint(["truck_id"], ["trucks.id"], name=op.f("fk_journey_trucks_truck_id")),
        sa.PrimaryKeyConstraint("journey_id", "truck_id", name=op.f("pk_journey_trucks")),
    )
    op.create_index(op.f("ix_journey_trucks_truck_id"), "journey_trucks", ["truck_id"], unique=False)
    op.add_column("locations", sa.Column("timezone_by", sa.String(length=10), server_default="", nullable=False))
    op.add_column("locations", sa.Column("region", sa.String(length=10), server_default="", nullable=False))
    op.add_column("locations", sa.Column("data_source", sa.String(length=20), server_default="", nullable=False))
    op.add_column("locations", sa.Column("external_id", sa.String(length=60), nullable=True))
    op.add_column("locations", sa.Column("external_data", sa.JSON(), nullable=True))
    op.add_column("locations", sa.Column("last_sync_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("uq_locations_external_id", "locations", ["company_id", "data_source", "external_id"], unique=True)


def downgrade():
    op.drop_index("uq_locations_external_id", table_name="locations")
    op.drop_column("locations", "last_sync_at")
    op.drop_column("locations", "external_data")
    op.drop_column("locations", "external_id")
    op.drop_column("locations", "data_source")
    op.drop_column("locations", "region")
    op.drop_column("locations", "timezone_by")
    op.drop_index(op.f("ix_journey_trucks_truck_id"), table_name="journey_trucks")
    op.drop_table("journey_trucks")
    op.drop_table("journey_ticks")
    op.drop_index(op.f("ix_journey_taps_tapped_at"), table_name="journey_taps")
    op.drop_table("journey_taps")
    op.drop_table("journey_looks")
    op.drop_index(op.f("ix_journey_events_journey_id"), table_name="journey_events")
    op.drop_table("journey_events")
    op.drop_index(op.f("ix_journey_crew_user_id"), table_name="journey_crew")
    op.drop_table("journey_crew")
    op.drop_index(op.f("ix_trucks_location_id"), table_name="trucks")
    op.drop_table("trucks")
    op.drop_index(op.f("ix_truck_journeys_location_id"), table_name="truck_journeys")
    op.drop_index(op.f("ix_truck_journeys_company_id_scheduled_date"), table_name="truck_journeys")
    op.drop_index(op.f("ix_truck_journeys_company_id_opportunity_id"), table_name="truck_journeys")
    op.drop_table("truck_journeys")
    op.drop_table("journey_board_marks")
