"""The prints of what was reported of a member go with the member: short words could be guessed from them."""

from alembic import op

from app.foundation.tenant_tables import APPLICATION_ROLE

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.execute(f"""
        GRANT UPDATE (body_print) ON refunds TO {APPLICATION_ROLE};

        UPDATE transactions SET body_print = '' WHERE (district_id, member_id) IN (
            SELECT district_id, id FROM members WHERE status = 'erased'
        );
        UPDATE refunds AS r SET body_print = '' FROM transactions AS t
        WHERE t.district_id = r.district_id AND t.id = r.transaction_id AND t.body_print = '';
    """)
