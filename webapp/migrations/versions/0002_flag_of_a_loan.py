"""What stands out about a loan compared with FMS's calendar, for somebody to look into."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("scheduled_assignments", sa.Column("flag", sa.String(length=40), server_default="", nullable=False))


def downgrade():
    op.drop_column("scheduled_assignments", "flag")
