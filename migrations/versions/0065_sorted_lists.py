"""Lists in other orders than the newest first. Locks these tables while it runs.

Their conditions hold for every row: so that no other question is answered by an index of a list.
"""

from alembic import op

revision = "0065"
down_revision = "0064"


def upgrade() -> None:
    op.execute("""
        CREATE INDEX transactions_by_amount ON transactions (district_id, amount, id) WHERE amount >= 0;
        CREATE INDEX transactions_by_time ON transactions (district_id, occurred_at, id) WHERE occurred_at > '-infinity';
        CREATE INDEX merchants_by_name ON merchants (district_id, name, id);
        CREATE INDEX member_facts_by_last ON member_facts (district_id, last_on, member_id) WHERE last_on IS NOT NULL;
    """)
