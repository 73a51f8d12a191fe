"""Tokens of FMS's that have opened their one sign-in."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "used_launches",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_used_launches")),
    )
    op.create_index(op.f("ix_used_launches_expires_at"), "used_launches", ["expires_at"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_used_launches_expires_at"), table_name="used_launches")
    op.drop_table("used_launches")
