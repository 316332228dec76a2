"""Issues can be cancelled; what is looked at of campaigns and coupons is found. Locks `redemptions` and `issues` while it runs."""

from alembic import op

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE issues DROP CONSTRAINT issues_status_check, DROP CONSTRAINT issues_check1, DROP CONSTRAINT issues_check2;
        ALTER TABLE issues ADD CONSTRAINT issues_status
            CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled'));
        ALTER TABLE issues ADD CONSTRAINT issues_over CHECK (
            CASE WHEN finished_at IS NULL THEN status NOT IN ('done', 'cancelled')
            ELSE status NOT IN ('queued', 'running') END
        );
        CREATE INDEX ON issues (district_id, campaign_id, id);
        -- What a coupon was used for before; what it is used for now is found by redemptions_of_coupon.
        CREATE INDEX redemptions_given_back ON redemptions (district_id, coupon_id) WHERE state IN ('returned', 'rolled_back');
        CREATE INDEX redemptions_held ON redemptions (district_id, id) WHERE state = 'held';
    """)
