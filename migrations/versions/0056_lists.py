"""Members with tags, and sales that were given back, are found among all the others. Locks both tables while it runs."""

from alembic import op

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    op.execute("""
        CREATE INDEX members_tagged ON members (district_id, id) WHERE cardinality(tags) > 0;
        CREATE INDEX transactions_refunded ON transactions (district_id, id) WHERE refunded_amount > 0;
    """)
