"""Coupons are held for bills, given back by them, and redeemed apart from their sales."""

from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.execute("""
        -- Its end was put off when it was given back: that happens once.
        ALTER TABLE coupons ADD COLUMN given_back boolean NOT NULL DEFAULT false;
        CREATE INDEX coupons_held ON coupons (district_id, reserved_until) WHERE status = 'reserved';
        -- What tells a redemption by itself from another under its reference; null for those of a sale.
        ALTER TABLE redemptions ADD COLUMN body_print bytea, ADD COLUMN rollback_reason text;
        CREATE INDEX ON redemptions (district_id, merchant_id, id);
    """)
