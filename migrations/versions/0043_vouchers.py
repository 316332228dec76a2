"""Evidence of government vouchers: rows that are only added, and one chain of them for each campaign."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE evidence (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            campaign_id uuid NOT NULL,
            redemption_id uuid NOT NULL,
            kind text NOT NULL CHECK (kind IN ('redemption', 'review', 'refund')),
            content text NOT NULL,
            amount bigint NOT NULL,
            discount_amount bigint NOT NULL,
            government_amount bigint NOT NULL,
            till uuid,
            store_id uuid,
            member_id uuid,
            day date,
            is_at_minimum boolean,
            number bigint,
            digest bytea,
            PRIMARY KEY (district_id, id),
            CHECK ((number IS NULL) = (digest IS NULL)),
            CHECK (octet_length(digest) = 32),
            CHECK ((kind = 'redemption') = (till IS NOT NULL AND store_id IS NOT NULL AND day IS NOT NULL
                AND is_at_minimum IS NOT NULL))
        ) WITH (fillfactor = 80);
        CREATE UNIQUE INDEX ON evidence (district_id, campaign_id, number);
        -- What no chain has yet.
        CREATE INDEX evidence_waiting ON evidence (district_id, campaign_id, id) WHERE number IS NULL;
        CREATE INDEX ON evidence (district_id, redemption_id);
        -- What screening counts.
        CREATE INDEX ON evidence (district_id, campaign_id, day, till) WHERE kind = 'redemption';
        CREATE INDEX ON evidence (district_id, campaign_id, member_id, day) WHERE kind = 'redemption';
        CREATE INDEX ON evidence (district_id, campaign_id, store_id) INCLUDE (is_at_minimum) WHERE kind = 'redemption';
        CREATE TABLE evidence_chains (
            district_id uuid NOT NULL,
            campaign_id uuid NOT NULL,
            rows bigint NOT NULL DEFAULT 0 CHECK (rows >= 0),
            digest bytea NOT NULL CHECK (octet_length(digest) = 32),
            amount bigint NOT NULL DEFAULT 0,
            discount_amount bigint NOT NULL DEFAULT 0,
            government_amount bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (district_id, campaign_id)
        );
        -- Lists in a set of rows: arrays of arrays can't be unnested to arrays.
        ALTER TABLE redemptions
            ADD COLUMN review_reason text,
            ALTER COLUMN reasons DROP DEFAULT,
            ALTER COLUMN reasons TYPE jsonb USING to_jsonb(reasons),
            ALTER COLUMN reasons SET DEFAULT '[]';
        UPDATE campaigns SET terms = terms || '{"screening": {
            "per_member_per_day": 3, "till_vouchers_per_day": 20, "till_times_median": 5, "staff_tags": ["staff"],
            "shop_vouchers": 20, "at_minimum_percent": 1, "at_minimum_share": 50, "refunded_within_minutes": 60
        }}' WHERE NOT terms ? 'screening';
    """)
    op.execute(behind_the_wall("evidence", grants="SELECT, INSERT, UPDATE (number, digest)"))
    op.execute(behind_the_wall("evidence_chains", grants="SELECT, INSERT, UPDATE"))
    op.execute("ALTER TABLE evidence_chains ADD FOREIGN KEY (district_id, campaign_id) REFERENCES campaigns")
