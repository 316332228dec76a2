"""Campaigns whose unused coupons are taken back, set by set."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    op.execute("""
        -- What is under way; a row goes when it is done.
        CREATE TABLE campaign_voids (
            district_id uuid NOT NULL,
            campaign_id uuid NOT NULL,
            asked_at timestamptz NOT NULL,
            reason text NOT NULL,
            alive_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, campaign_id)
        );
    """)
    op.execute(behind_the_wall("campaign_voids", grants="SELECT, INSERT, UPDATE, DELETE"))
    op.execute("ALTER TABLE campaign_voids ADD FOREIGN KEY (district_id, campaign_id) REFERENCES campaigns")
