"""Refunds name the items that come back."""

from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.execute("""
        -- [{"line", "quantity"}, …] as the API takes them; null where a refund is of a part of the bill.
        ALTER TABLE refunds ADD COLUMN items jsonb
    """)
