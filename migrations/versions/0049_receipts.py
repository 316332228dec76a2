"""A receipt leads to its sale also once that is somebody's. Locks `transactions` while the index is built."""

from alembic import op

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    op.execute("""
        CREATE UNIQUE INDEX transactions_by_receipt ON transactions (district_id, claim_hash)
            WHERE claim_hash IS NOT NULL;
        DROP INDEX transactions_by_claim;
    """)
