"""What must hold of merchants' accounts."""

from app.foundation.checks import Check

_LEFT = "SELECT count(*) FROM merchant_exits WHERE district_id = %(district)s"
_MOVED = "SELECT count(*) FROM deposit_movements WHERE district_id = %(district)s"

CHECKS = (
    Check(
        "every deposit is what its movements come to, and stands on its account",
        _MOVED,
        """
        WITH moved AS (
            SELECT m.merchant_id, sum(CASE m.kind WHEN 'received' THEN m.amount ELSE -m.amount END)::bigint AS amount
            FROM deposit_movements AS m WHERE m.district_id = %(district)s GROUP BY 1
        ), booked AS (
            SELECT a.owner_id AS merchant_id,
                   sum(CASE WHEN t.credit_account_id = a.id THEN t.amount ELSE -t.amount END)::bigint AS amount
            FROM accounts AS a JOIN transfers AS t
                ON t.district_id = a.district_id AND a.id IN (t.debit_account_id, t.credit_account_id)
            WHERE a.district_id = %(district)s AND a.kind = 'deposit' GROUP BY 1
        ), kept AS (
            SELECT s.merchant_id, s.deposit FROM settlement_accounts AS s WHERE s.district_id = %(district)s
        )
        SELECT 'merchant ' || coalesce(k.merchant_id, m.merchant_id, b.merchant_id), coalesce(k.deposit, 0)::text,
               coalesce(m.amount, 0) || ' moved, ' || coalesce(b.amount, 0) || ' booked'
        FROM kept AS k FULL JOIN moved AS m USING (merchant_id) FULL JOIN booked AS b USING (merchant_id)
        WHERE (coalesce(k.deposit, 0), coalesce(k.deposit, 0)) <> (coalesce(m.amount, 0), coalesce(b.amount, 0))
        """,
    ),
    Check(
        "each movement of a deposit is a journal",
        _MOVED,
        """
        SELECT 'deposit ' || m.id, m.kind || ' ' || m.amount, coalesce(t.code || ' ' || t.amount, 'none')
        FROM deposit_movements AS m
        LEFT JOIN transfers AS t ON t.district_id = m.district_id AND t.journal_id = m.id
        WHERE m.district_id = %(district)s AND t.amount IS DISTINCT FROM m.amount
        """,
    ),
    Check(
        "each merchant that has left has had its final statement, and nobody else",
        _LEFT,
        """
        SELECT 'merchant ' || coalesce(e.merchant_id, s.party_id), coalesce(e.final_statement_id::text, 'none'),
               coalesce(s.id::text, 'none')
        FROM (SELECT x.* FROM merchant_exits AS x
              WHERE x.district_id = %(district)s AND x.final_statement_id IS NOT NULL) AS e
        FULL JOIN (SELECT x.* FROM statements AS x WHERE x.district_id = %(district)s AND x.is_final) AS s
            ON s.id = e.final_statement_id AND s.party_id = e.merchant_id
        WHERE e.merchant_id IS NULL OR s.id IS NULL
        """,
    ),
    Check(
        "what was written off was booked at the district's cost",
        _LEFT,
        """
        SELECT 'merchant ' || e.merchant_id, e.written_off::text, 'no such journal'
        FROM merchant_exits AS e WHERE e.district_id = %(district)s AND e.written_off > 0 AND NOT EXISTS (
            SELECT FROM accounts AS a JOIN transfers AS t ON t.district_id = a.district_id AND t.credit_account_id = a.id
            WHERE a.district_id = %(district)s AND a.kind = 'taken_over' AND a.owner_id = e.merchant_id
              AND t.code = 'take-over' AND t.amount = e.written_off)
        """,
    ),
)
