"""What people wrote of a member goes with the member: reasons may be blanked, and are of those erased before."""

from alembic import op

from app.foundation.tenant_tables import APPLICATION_ROLE

revision = "0018"
down_revision = "0017"

_GONE = """
    SELECT e.district_id, m.id FROM members AS e
    JOIN members AS m ON m.district_id = e.district_id AND e.id IN (m.id, m.merged_into) WHERE e.status = 'erased'
"""


def upgrade() -> None:
    op.execute(f"""
        GRANT UPDATE (reason) ON refunds, adjustments TO {APPLICATION_ROLE};

        UPDATE members SET tags = '{{}}' WHERE (district_id, id) IN ({_GONE});
        DELETE FROM member_identities WHERE (district_id, member_id) IN ({_GONE});
        UPDATE adjustments SET reason = '' WHERE (district_id, member_id) IN ({_GONE});
        UPDATE refunds AS r SET reason = NULL FROM transactions AS t
        WHERE t.district_id = r.district_id AND t.id = r.transaction_id AND (t.district_id, t.member_id) IN ({_GONE});
        UPDATE transactions SET items = (
            SELECT jsonb_agg(item || jsonb_build_object('name', NULL) ORDER BY place)
            FROM jsonb_array_elements(items) WITH ORDINALITY AS i (item, place)
        )
        WHERE items IS NOT NULL AND (district_id, member_id) IN ({_GONE});
    """)
