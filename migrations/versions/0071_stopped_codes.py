"""Batches of codes that are stopped: what isn't made is left out; a campaign's coupons, newest first. Locks both tables."""

from alembic import op

revision = "0071"
down_revision = "0070"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE code_batches ADD COLUMN left_out integer NOT NULL DEFAULT 0 CHECK (left_out >= 0);
        ALTER TABLE code_batches DROP CONSTRAINT code_batches_check2;
        ALTER TABLE code_batches ADD CHECK (left_out = 0 OR status = 'done');
        ALTER TABLE code_batches ADD CHECK (status <> 'done' OR issued + left_out = quantity);
        CREATE INDEX coupons_by_campaign ON coupons (district_id, campaign_id, id);
    """)
