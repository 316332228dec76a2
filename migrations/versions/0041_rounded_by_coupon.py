"""What comes back of discounts is rounded for each coupon and item by itself: one refund may give back more than its bill."""

from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.execute("""
        -- Only in sum is it no more than was sold: the books are checked for that.
        ALTER TABLE refunds DROP CONSTRAINT refunds_check2;
        ALTER TABLE refunds ADD CONSTRAINT refunds_none_below_nothing CHECK (money_amount >= 0 AND discount_reversed >= 0);
    """)
