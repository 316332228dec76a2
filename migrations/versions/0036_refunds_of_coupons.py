"""Refunds of sales whose buyer a coupon alone has named: their merchant isn't told who that is."""

from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.execute("ALTER TABLE refunds ADD COLUMN by_coupon boolean")
