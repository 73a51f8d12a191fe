"""Places on the map, preferred weekdays, publication rates, and the spreadsheets that people upload."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PLACED = ("partners", "locations")


def upgrade():
    for table in PLACED:
        op.add_column(table, sa.Column("latitude", sa.Double(), nullable=True))
        op.add_column(table, sa.Column("longitude", sa.Double(), nullable=True))
        op.add_column(table, sa.Column("located_by", sa.String(length=10), server_default="", nullable=False))
        op.add_column(table, sa.Column("located_from", sa.Text(), server_default="", nullable=False))
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
        "sheet_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_sheet_imports_company_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sheet_imports_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_imports")),
    )
    op.create_index(
        op.f("ix_sheet_imports_company_id_applied_at"), "sheet_imports", ["company_id", "applied_at"], unique=False
    )


def downgrade():
    op.drop_index(op.f("ix_sheet_imports_company_id_applied_at"), table_name="sheet_imports")
    op.drop_table("sheet_imports")
    op.drop_table("publication_rates")
    op.drop_table("preferred_weekdays")
    for table in PLACED:
        for column in ("located_from", "located_by", "longitude", "latitude"):
            op.drop_column(table, column)
