"""Campaigns of coupons, and what is counted of them in slices; whether merchants may run their own."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE programmes ADD COLUMN merchant_campaigns boolean NOT NULL DEFAULT false;

        CREATE TABLE campaigns (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            merchant_id uuid,
            terms jsonb NOT NULL,
            published_at timestamptz,
            paused_at timestamptz,
            ended_at timestamptz,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, id),
            FOREIGN KEY (district_id) REFERENCES districts,
            FOREIGN KEY (district_id, merchant_id) REFERENCES merchants,
            CHECK (published_at IS NOT NULL OR (paused_at IS NULL AND ended_at IS NULL))
        );
        CREATE INDEX ON campaigns (district_id, merchant_id, id);

        -- Of redeemed, set_aside and discount_given a slice may have less than none: what one slice counted, another takes back.
        CREATE TABLE campaign_slices (
            district_id uuid NOT NULL,
            campaign_id uuid NOT NULL,
            slice smallint NOT NULL,
            issued bigint NOT NULL DEFAULT 0 CHECK (issued >= 0),
            redeemed bigint NOT NULL DEFAULT 0,
            expired bigint NOT NULL DEFAULT 0 CHECK (expired >= 0),
            voided bigint NOT NULL DEFAULT 0 CHECK (voided >= 0),
            set_aside bigint NOT NULL DEFAULT 0,
            discount_given bigint NOT NULL DEFAULT 0,
            allotted bigint NOT NULL DEFAULT 0 CHECK (allotted >= 0),
            day date NOT NULL DEFAULT '0001-01-01',
            claimed bigint NOT NULL DEFAULT 0 CHECK (claimed >= 0),
            day_allotted bigint NOT NULL DEFAULT 0 CHECK (day_allotted >= 0),
            PRIMARY KEY (district_id, campaign_id, slice),
            FOREIGN KEY (district_id, campaign_id) REFERENCES campaigns
        ) WITH (fillfactor = 50);
    """)
    for table in ("campaigns", "campaign_slices"):
        op.execute(behind_the_wall(table, grants="SELECT, INSERT, UPDATE"))
