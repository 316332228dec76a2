"""Merchants that redeem coupons apart from their sales, and what somebody wrote of roll-backs."""

from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.execute("""
        -- A sale of such a merchant looks for what was redeemed under its reference.
        ALTER TABLE merchants ADD COLUMN redeems_apart boolean NOT NULL DEFAULT false;
        CREATE INDEX ON redemptions (district_id, merchant_id, reference) WHERE body_print IS NOT NULL;
        CREATE INDEX ON redemptions (district_id, member_id) WHERE rollback_reason IS NOT NULL OR items IS NOT NULL;
    """)
