"""Later ends of coupons hold at once, and come to their rows by and by."""

from alembic import op

from app.foundation.tenant_tables import behind_the_wall

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    op.execute("""
        -- What is under way: coupons issued from that day on, up to the next row's, that weren't over when it was changed. The
        -- rows of a campaign go when it is done.
        CREATE TABLE later_ends (
            district_id uuid NOT NULL,
            campaign_id uuid NOT NULL,
            issued_from timestamptz NOT NULL,
            changed_at timestamptz NOT NULL,
            ends_at timestamptz NOT NULL,
            alive_at timestamptz NOT NULL,
            PRIMARY KEY (district_id, campaign_id, issued_from, changed_at)
        );
    """)
    op.execute(behind_the_wall("later_ends", grants="SELECT, INSERT, UPDATE, DELETE"))
    op.execute("ALTER TABLE later_ends ADD FOREIGN KEY (district_id, campaign_id) REFERENCES campaigns")
