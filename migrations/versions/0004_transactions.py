"""Sales reported by merchants."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE transactions (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            merchant_id uuid NOT NULL,
            store_id uuid NOT NULL,
            member_id uuid,
            reference text NOT NULL,
            body_print bytea NOT NULL,
            member_print bytea,
            phone_index bytea,
            amount bigint NOT NULL CHECK (amount >= 0),
            discount_amount bigint NOT NULL,
            points_spent bigint NOT NULL,
            points_amount bigint NOT NULL,
            paid_amount bigint NOT NULL CHECK (paid_amount >= 0),
            eligible_amount bigint NOT NULL CHECK (eligible_amount BETWEEN 0 AND paid_amount),
            refunded_amount bigint NOT NULL DEFAULT 0 CHECK (refunded_amount BETWEEN 0 AND amount),
            currency text NOT NULL,
            points_earned bigint NOT NULL CHECK (points_earned >= 0),
            available_at timestamptz,
            expires_at timestamptz,
            rule_set_version integer,
            rounding text,
            facts jsonb,
            outcomes jsonb,
            channel text,
            payment_method text,
            payment_reference text,
            items jsonb,
            metadata jsonb,
            claim_hash bytea,
            claimed_at timestamptz,
            principal_id uuid NOT NULL,
            occurred_at timestamptz NOT NULL,
            recorded_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            CHECK (paid_amount = amount - discount_amount - points_amount)
        ) WITH (fillfactor = 95);
        CREATE UNIQUE INDEX transactions_by_payment ON transactions (district_id, payment_reference)
            WHERE payment_reference IS NOT NULL;
        CREATE UNIQUE INDEX transactions_by_claim ON transactions (district_id, claim_hash)
            WHERE claim_hash IS NOT NULL AND member_id IS NULL;
        CREATE INDEX transactions_by_phone ON transactions (district_id, phone_index)
            WHERE phone_index IS NOT NULL AND member_id IS NULL;
        CREATE INDEX transactions_by_member ON transactions (district_id, member_id, id) WHERE member_id IS NOT NULL;
        CREATE INDEX transactions_by_merchant ON transactions (district_id, merchant_id, id);
        CREATE INDEX transactions_by_store ON transactions (district_id, store_id, occurred_at);
        -- The youngest index wins where the planner knows nothing yet and all seem to cost the same.
        ALTER TABLE transactions ADD UNIQUE (district_id, merchant_id, reference);
    """)
    op.execute(behind_the_wall("transactions", grants="SELECT, INSERT, UPDATE"))
