"""Sales say what of their points their merchant pays, and refunds what it gets back: what stands says it by lots and transfers."""

from alembic import op

revision = "0073"
down_revision = "0072"


def upgrade() -> None:
    op.execute("ALTER TABLE transactions ADD COLUMN merchant_funded bigint NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE refunds ADD COLUMN merchant_returned bigint NOT NULL DEFAULT 0")
    op.execute("""
        UPDATE transactions AS t SET merchant_funded = l.points FROM (
            SELECT district_id, source_id, sum(points) AS points FROM lots
            WHERE funder = 'merchant' AND merchant_id IS NOT NULL AND restored_from IS NULL GROUP BY district_id, source_id
        ) AS l WHERE l.district_id = t.district_id AND l.source_id = t.id
    """)
    op.execute("""
        UPDATE refunds AS r SET merchant_returned = b.points FROM (
            SELECT t.district_id, t.journal_id, sum(t.amount) AS points
            FROM transfers AS t JOIN accounts AS a ON a.district_id = t.district_id AND a.id = t.credit_account_id
            WHERE t.code IN ('reverse', 'take', 'owe') AND a.kind = 'issued' AND a.owner_id <> t.district_id
            GROUP BY t.district_id, t.journal_id
        ) AS b WHERE b.district_id = r.district_id AND b.journal_id = r.id
    """)
    op.execute("ALTER TABLE transactions ADD CHECK (merchant_funded BETWEEN 0 AND points_earned)")
    op.execute(
        "ALTER TABLE refunds ADD CHECK "
        "(merchant_returned BETWEEN 0 AND points_reversed - points_lapsed - points_forgiven)"
    )
