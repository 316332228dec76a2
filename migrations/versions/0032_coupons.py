"""Coupons that members hold."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE coupons (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            campaign_id uuid NOT NULL,
            member_id uuid,
            code_key smallint NOT NULL,
            code_index bytea NOT NULL,
            status text NOT NULL CHECK (status IN ('issued', 'reserved', 'redeemed', 'expired', 'voided')),
            way text NOT NULL CHECK (way IN ('claim', 'targeted', 'code_batch', 'points', 'automatic')),
            issued_at timestamptz NOT NULL,
            usable_from timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            set_aside bigint NOT NULL CHECK (set_aside >= 0),
            reserved_by uuid,
            reserved_reference text,
            reserved_until timestamptz,
            ended_at timestamptz,
            void_reason text,
            PRIMARY KEY (district_id, id),
            UNIQUE (district_id, code_index),
            CHECK (usable_from >= issued_at),
            CHECK ((status = 'reserved') = (reserved_until IS NOT NULL)),
            CHECK ((status IN ('issued', 'reserved')) = (ended_at IS NULL)),
            CHECK (set_aside = 0 OR ended_at IS NULL)
        ) WITH (fillfactor = 80);
        CREATE INDEX ON coupons (district_id, campaign_id, member_id);
        CREATE INDEX ON coupons (district_id, member_id, id) WHERE member_id IS NOT NULL;
        CREATE INDEX ON coupons (district_id, expires_at, campaign_id) WHERE status IN ('issued', 'reserved');
    """)
    op.execute(behind_the_wall("coupons", grants="SELECT, INSERT, UPDATE"))
    op.execute("ALTER TABLE coupons ADD FOREIGN KEY (district_id, campaign_id) REFERENCES campaigns")
