"""Balances say as of when they were counted: who has waited for their lock may come with an earlier instant."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("ALTER TABLE point_balances ADD COLUMN counted_at timestamptz")
