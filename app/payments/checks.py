"""What must hold of payments: the clearing accounts hold what attempts have moved, and payments what their attempts did."""

from __future__ import annotations

from app.foundation.checks import Check

_PAYMENTS = "SELECT count(*) FROM payments WHERE district_id = %(district)s"
_ATTEMPTS = "SELECT count(*) FROM payment_attempts WHERE district_id = %(district)s"
_MOVED = """
    SELECT p.id, a.number, a.amount, a.journal_id, a.returned_in, p.direction,
           CASE WHEN a.provider IN ('manual', 'bank_file') THEN 'clearing:bank' ELSE 'clearing:' || a.provider END AS clearing
    FROM payments AS p JOIN payment_attempts AS a ON a.district_id = p.district_id AND a.payment_id = p.id
    WHERE p.district_id = %(district)s AND a.journal_id IS NOT NULL
"""

CHECKS = (
    Check(
        "each payment is what its attempts have moved",
        _PAYMENTS,
        f"""
        SELECT 'payment ' || p.id, p.state || ' ' || p.paid_amount, coalesce(sum(m.amount), 0)::text
        FROM payments AS p LEFT JOIN ({_MOVED}) AS m ON m.id = p.id AND m.returned_in IS NULL
        WHERE p.district_id = %(district)s
        GROUP BY p.district_id, p.id, p.state, p.paid_amount
        HAVING p.paid_amount <> coalesce(sum(m.amount), 0) OR (p.paid_amount > 0 AND p.state <> 'succeeded')
            OR (p.paid_amount = 0 AND p.state = 'succeeded')
        """,
    ),
    Check(
        "what attempts have moved is booked once, between the district's account and the party's",
        _ATTEMPTS,
        f"""
        WITH wanted AS (
            SELECT m.id, m.journal_id, m.clearing, CASE m.direction WHEN 'in' THEN m.amount ELSE -m.amount END AS amount
            FROM ({_MOVED}) AS m
            UNION ALL
            SELECT m.id, m.returned_in, m.clearing, CASE m.direction WHEN 'in' THEN -m.amount ELSE m.amount END
            FROM ({_MOVED}) AS m WHERE m.returned_in IS NOT NULL
        ), booked AS (
            SELECT t.subject_id AS id, t.journal_id, a.kind AS clearing,
                   CASE WHEN t.debit_account_id = a.id THEN t.amount ELSE -t.amount END AS amount
            FROM journals AS j
            JOIN transfers AS t ON t.district_id = j.district_id AND t.journal_id = j.id
            JOIN accounts AS a ON a.district_id = t.district_id AND a.kind LIKE 'clearing:%%'
                AND a.id IN (t.debit_account_id, t.credit_account_id)
            JOIN payments AS p ON p.district_id = t.district_id AND p.id = t.subject_id
            JOIN accounts AS o ON o.district_id = t.district_id AND o.kind = p.account AND o.owner_id = p.party_id
                AND o.id IN (t.debit_account_id, t.credit_account_id)
            WHERE j.district_id = %(district)s AND j.kind = 'payment'
        )
        SELECT 'payment ' || coalesce(w.id, b.id), coalesce(b.clearing || ' ' || b.amount, 'none'),
               coalesce(w.clearing || ' ' || w.amount, 'none')
        FROM wanted AS w
        FULL JOIN booked AS b ON (b.id, b.journal_id, b.clearing, b.amount) = (w.id, w.journal_id, w.clearing, w.amount)
        WHERE w.id IS NULL OR b.id IS NULL
        """,
    ),
)
