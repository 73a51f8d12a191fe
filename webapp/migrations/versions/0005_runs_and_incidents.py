"""Who started a run, what goes wrong with the data until it is over, and whom we told of it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    user_id = sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id"), nullable=True)
    op.add_column("sync_runs", user_id, inline_references=True)
    op.create_table(
        "sync_incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_sync_incidents_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_incidents")),
    )
    op.create_index(
        "uq_sync_incidents_open",
        "sync_incidents",
        ["company_id", "subject"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "sync_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["sync_incidents.id"], name=op.f("fk_sync_notices_incident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_notices")),
        sa.UniqueConstraint(
            "incident_id", "kind", "channel", "address", name=op.f("uq_sync_notices_incident_id_kind_channel_address")
        ),
    )
    op.create_index(op.f("ix_sync_notices_due_at"), "sync_notices", ["due_at"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_sync_notices_due_at"), table_name="sync_notices")
    op.drop_table("sync_notices")
    op.drop_index("uq_sync_incidents_open", table_name="sync_incidents")
    op.drop_table("sync_incidents")
    op.drop_column("sync_runs", "user_id")
