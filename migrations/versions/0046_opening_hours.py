"""When stores are open."""

from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    op.execute("ALTER TABLE stores ADD COLUMN opening_hours jsonb")
