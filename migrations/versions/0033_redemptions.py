"""Redemptions of coupons: by a sale, or by themselves until the sale is reported."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE redemptions (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            coupon_id uuid NOT NULL,
            campaign_id uuid NOT NULL,
            member_id uuid,
            merchant_id uuid NOT NULL,
            store_id uuid NOT NULL,
            reference text NOT NULL,
            transaction_id uuid,
            amount bigint NOT NULL CHECK (amount >= 0),
            discount_amount bigint NOT NULL CHECK (discount_amount BETWEEN 0 AND amount),
            discount_returned bigint NOT NULL DEFAULT 0 CHECK (discount_returned BETWEEN 0 AND discount_amount),
            district_part bigint NOT NULL CHECK (district_part >= 0),
            merchant_part bigint NOT NULL CHECK (merchant_part >= 0),
            government_part bigint NOT NULL CHECK (government_part >= 0),
            taken jsonb NOT NULL,
            items jsonb,
            set_aside bigint NOT NULL CHECK (set_aside >= 0),
            state text NOT NULL CHECK (
                state IN ('redeemed', 'held', 'released', 'rejected', 'returned', 'rolled_back')
            ),
            reasons text[] NOT NULL DEFAULT '{}',
            channel text,
            payment_reference text,
            rolled_back_reference text,
            principal_id uuid NOT NULL,
            redeemed_at timestamptz NOT NULL,
            ended_at timestamptz,
            PRIMARY KEY (district_id, id),
            CHECK (district_part + merchant_part + government_part = discount_amount - discount_returned),
            CHECK ((state IN ('returned', 'rolled_back')) = (ended_at IS NOT NULL)),
            CHECK ((state = 'rolled_back') = (rolled_back_reference IS NOT NULL)),
            CHECK (state <> 'rolled_back' OR transaction_id IS NULL)
        ) WITH (fillfactor = 80);
        -- A coupon is on one bill at most.
        CREATE UNIQUE INDEX redemptions_of_coupon ON redemptions (district_id, coupon_id)
            WHERE state NOT IN ('returned', 'rolled_back');
        CREATE INDEX ON redemptions (district_id, transaction_id) WHERE transaction_id IS NOT NULL;
        -- Those that wait for the report of their sale.
        CREATE INDEX redemptions_open ON redemptions (district_id, merchant_id, reference) WHERE transaction_id IS NULL;
        CREATE INDEX ON redemptions (district_id, campaign_id, id);
        CREATE INDEX ON redemptions (district_id, store_id, id);
    """)
    op.execute(behind_the_wall("redemptions", grants="SELECT, INSERT, UPDATE"))
