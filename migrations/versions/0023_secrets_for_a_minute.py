"""Answers with tokens are kept under idempotency keys for a minute."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE idempotency_keys ADD COLUMN ends_at timestamptz;
        CREATE INDEX ON idempotency_keys (district_id, ends_at) WHERE ends_at IS NOT NULL;
        DELETE FROM idempotency_keys WHERE answer ?& ARRAY['member_id', 'sealed'];
    """)
