"""Counts and names for the filter of the FMS log, without reading whole operations."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAME = "ix_fms_operations_company_id_state_requested_by"


def upgrade():
    op.create_index(NAME, "fms_operations", ["company_id", "state", "requested_by"])


def downgrade():
    op.drop_index(NAME, "fms_operations")
