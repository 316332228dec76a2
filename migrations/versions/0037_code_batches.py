"""Batches of codes for bearers."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE code_batches (
            district_id uuid NOT NULL,
            id uuid NOT NULL,
            campaign_id uuid NOT NULL,
            name text NOT NULL,
            quantity integer NOT NULL CHECK (quantity > 0),
            set_aside bigint NOT NULL CHECK (set_aside >= 0),
            status text NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed')),
            issued integer NOT NULL DEFAULT 0 CHECK (issued BETWEEN 0 AND quantity),
            alive_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL,
            finished_at timestamptz,
            downloads jsonb NOT NULL DEFAULT '[]',
            PRIMARY KEY (district_id, id),
            CHECK ((status = 'done') = (finished_at IS NOT NULL)),
            CHECK (status <> 'done' OR issued = quantity),
            CHECK (downloads = '[]' OR status = 'done')
        );
        CREATE INDEX code_batches_open ON code_batches (district_id, id) WHERE status <> 'done';
        CREATE INDEX ON code_batches (district_id, campaign_id, id);

        ALTER TABLE coupons ADD COLUMN code_batch_id uuid, ADD COLUMN bound_at timestamptz;
        ALTER TABLE coupons ADD CONSTRAINT coupons_of_batches CHECK ((way = 'code_batch') = (code_batch_id IS NOT NULL));
        ALTER TABLE coupons ADD CONSTRAINT coupons_bound
            CHECK (bound_at IS NULL OR (way = 'code_batch' AND member_id IS NOT NULL));
        CREATE INDEX ON coupons (district_id, code_batch_id, id) WHERE code_batch_id IS NOT NULL;
    """)
    op.execute(behind_the_wall("code_batches", grants="SELECT, INSERT, UPDATE"))
    op.execute("ALTER TABLE code_batches ADD FOREIGN KEY (district_id, campaign_id) REFERENCES campaigns")
