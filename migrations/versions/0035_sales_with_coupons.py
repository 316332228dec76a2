"""Sales with coupons: what was used is told again as it was told first."""

from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.execute("""
        -- [[coupon, campaign, end of the code, discount], …] in canonical order, and whether a coupon alone named the buyer.
        ALTER TABLE transactions ADD COLUMN coupons jsonb, ADD COLUMN by_coupon boolean;
    """)
    op.execute("ALTER TABLE transactions ADD CHECK (discount_amount = 0 OR coupons IS NOT NULL)")
    op.execute(
        "ALTER TABLE transactions ADD CHECK (by_coupon IS NULL OR (coupons IS NOT NULL AND member_id IS NOT NULL))"
    )
