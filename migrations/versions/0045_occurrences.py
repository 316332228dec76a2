"""What coupons were given for by themselves: each occurrence once."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE occurrences (
            district_id uuid NOT NULL,
            campaign_id uuid NOT NULL,
            occurrence text NOT NULL,
            member_id uuid,
            transaction_id uuid,
            coupon_id uuid,
            noted_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, campaign_id, occurrence)
        );
        CREATE INDEX ON occurrences (district_id, campaign_id, member_id) WHERE member_id IS NOT NULL;
        CREATE INDEX ON occurrences (district_id, transaction_id) WHERE transaction_id IS NOT NULL;
    """)
    op.execute(behind_the_wall("occurrences", grants="SELECT, INSERT, UPDATE (coupon_id)"))
    op.execute("ALTER TABLE occurrences ADD FOREIGN KEY (district_id, campaign_id) REFERENCES campaigns")
