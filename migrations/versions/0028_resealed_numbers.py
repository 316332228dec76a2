"""The number of a change that waits may be sealed anew, and nothing else of it be changed."""

from alembic import op

from app.foundation.tenant_tables import APPLICATION_ROLE

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.execute(f"GRANT UPDATE (phone) ON phone_changes TO {APPLICATION_ROLE}")
