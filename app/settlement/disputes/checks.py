"""What must hold of holds, disputes and corrections."""

from __future__ import annotations

from app.foundation.checks import Check

CHECKS = (
    Check(
        "what is disputed is held, as long as that waits for an answer",
        "SELECT count(*) FROM disputes WHERE district_id = %(district)s",
        """
        SELECT 'dispute ' || d.id, d.status || ' for ' || d.amount, coalesce(sum(h.amount), 0)::text
        FROM disputes AS d LEFT JOIN statement_holds AS h
            ON h.district_id = d.district_id AND h.source_id = 'dsp_' || replace(d.id::text, '-', '')
           AND h.statement_id = d.statement_id AND h.released_at IS NULL
        WHERE d.district_id = %(district)s GROUP BY d.district_id, d.id
        HAVING coalesce(sum(h.amount), 0) <> CASE d.status WHEN 'open' THEN d.amount ELSE 0 END
        """,
    ),
    Check(
        "what is granted of a dispute is a correction by another person than who opened it",
        "SELECT count(*) FROM disputes WHERE district_id = %(district)s AND status = 'accepted'",
        """
        SELECT 'dispute ' || d.id, d.accepted_amount::text, coalesce(c.status || ' ' || c.amount, 'nothing')
        FROM disputes AS d LEFT JOIN corrections AS c ON c.district_id = d.district_id AND c.id = d.correction_id
        WHERE d.district_id = %(district)s AND d.status = 'accepted' AND (
            (c.status, c.amount, c.party_kind, c.party_id) IS DISTINCT FROM
            ('approved', d.accepted_amount, d.party_kind, d.party_id) OR c.decided_by = d.opened_by)
        """,
    ),
    Check(
        "corrections are posted once they are approved, and never before",
        "SELECT count(*) FROM corrections WHERE district_id = %(district)s",
        """
        WITH posted AS (
            SELECT t.journal_id, CASE WHEN s.pays THEN -t.amount ELSE t.amount END AS amount,
                   CASE WHEN s.pays THEN d.owner_id ELSE c.owner_id END AS owner_id
            FROM transfers AS t
            JOIN accounts AS d ON d.district_id = t.district_id AND d.id = t.debit_account_id
            JOIN accounts AS c ON c.district_id = t.district_id AND c.id = t.credit_account_id
            CROSS JOIN LATERAL (SELECT d.kind = 'public_correction' OR d.owner_id <> t.district_id AS pays) AS s
            WHERE t.district_id = %(district)s AND t.code = 'correction'
        ), approved AS (
            SELECT id, amount, CASE party_kind WHEN 'public' THEN district_id ELSE party_id END AS owner_id
            FROM corrections WHERE district_id = %(district)s AND status = 'approved'
        )
        SELECT 'correction ' || coalesce(a.id, p.journal_id), coalesce(a.amount, 0)::text, coalesce(p.amount, 0)::text
        FROM approved AS a FULL JOIN posted AS p ON p.journal_id = a.id
        WHERE (a.amount, a.owner_id) IS DISTINCT FROM (p.amount, p.owner_id)
        """,
    ),
)
