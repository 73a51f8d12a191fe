"""The ledger of everything asked of FMS."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
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
        op.f("ix_fms_operations_company_id_state_requested_by"),
        "fms_operations",
        ["company_id", "state", "requested_by"],
        unique=False,
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
    # ### end Alembic commands ###


def downgrade():
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
    op.drop_index(op.f("ix_fms_operations_company_id_state_requested_by"), table_name="fms_operations")
    op.drop_index(op.f("ix_fms_operations_company_id_created_at"), table_name="fms_operations")
    op.drop_index(op.f("ix_fms_operations_batch_id"), table_name="fms_operations")
    op.drop_table("fms_operations")
    # ### end Alembic commands ###
