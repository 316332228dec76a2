"""What must hold of any double-entry ledger."""

from app.foundation.checks import Check

_TRANSFERS = "SELECT count(*) FROM transfers WHERE district_id = %(district)s"

CHECKS = (
    Check(
        "every transfer stands between two accounts of its asset",
        _TRANSFERS,
        """
        SELECT 'journal ' || t.journal_id || ' line ' || t.line, coalesce(d.asset, 'none') || '/' || coalesce(c.asset, 'none'),
               t.asset
        FROM transfers t
        LEFT JOIN accounts d ON d.district_id = t.district_id AND d.id = t.debit_account_id
        LEFT JOIN accounts c ON c.district_id = t.district_id AND c.id = t.credit_account_id
        WHERE t.district_id = %(district)s AND (d.asset IS DISTINCT FROM t.asset OR c.asset IS DISTINCT FROM t.asset)
        """,
    ),
    Check(
        "every transfer has its journal",
        _TRANSFERS,
        """
        SELECT 'journal ' || t.journal_id || ' line ' || t.line, 'no journal', 'a journal'
        FROM transfers t WHERE t.district_id = %(district)s AND NOT EXISTS (
            SELECT 1 FROM journals j WHERE j.district_id = %(district)s AND j.id = t.journal_id)
        """,
    ),
    Check(
        "every journal has its transfers",
        "SELECT count(*) FROM journals WHERE district_id = %(district)s",
        """
        SELECT 'journal ' || j.id, 'no transfer', 'a transfer'
        FROM journals j WHERE j.district_id = %(district)s AND NOT EXISTS (
            SELECT 1 FROM transfers t WHERE t.district_id = %(district)s AND t.journal_id = j.id)
        """,
    ),
    Check(
        "debits equal credits in each asset",
        _TRANSFERS,
        """
        SELECT 'asset ' || asset, sum(credit)::text, sum(debit)::text
        FROM (
            SELECT a.asset, 0 AS credit, t.amount AS debit FROM transfers t JOIN accounts a
                ON a.district_id = t.district_id AND a.id = t.debit_account_id WHERE t.district_id = %(district)s
            UNION ALL
            SELECT a.asset, t.amount, 0 FROM transfers t JOIN accounts a
                ON a.district_id = t.district_id AND a.id = t.credit_account_id WHERE t.district_id = %(district)s
        ) AS sides GROUP BY asset HAVING sum(credit) <> sum(debit)
        """,
    ),
    Check(
        "each holder's transfers are counted without a gap, each with the balance after it",
        _TRANSFERS + " AND holder_id IS NOT NULL",
        """
        SELECT 'account ' || holder_id || ' entry ' || holder_sequence, found, wanted FROM (
            SELECT holder_id, holder_sequence, holder_sequence || ': ' || holder_balance AS found,
                   row_number() OVER w || ': '
                   || sum(CASE WHEN credit_account_id = holder_id THEN amount ELSE -amount END) OVER w AS wanted
            FROM transfers WHERE district_id = %(district)s AND holder_id IS NOT NULL
            WINDOW w AS (PARTITION BY holder_id ORDER BY holder_sequence)
        ) AS chain WHERE found <> wanted
        """,
    ),
)
