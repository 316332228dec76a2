"""What must hold of settlement: every journal in one period, every figure from the ledger, and the pool as large as it must be.

The effects of transfers are reckoned here by SQL, apart from the core (`rules.Clearing`) that made the lines.
"""

from __future__ import annotations

from app.foundation.checks import Check

_EFFECTS = """
    WITH terms AS (
        SELECT v.*, CASE WHEN v.version = 1 THEN '-infinity' ELSE v.starts_at END AS since,
               lead(v.starts_at, 1, 'infinity') OVER (ORDER BY v.version) AS until
        FROM settlement_terms AS v WHERE v.district_id = %(district)s
    ), entries AS (
        SELECT t.*, d.kind AS debit_kind, d.owner_id AS debtor, k.kind AS credit_kind, k.owner_id AS creditor
        FROM transfers AS t
        JOIN accounts AS d ON d.district_id = t.district_id AND d.id = t.debit_account_id
        JOIN accounts AS k ON k.district_id = t.district_id AND k.id = t.credit_account_id
        WHERE t.district_id = %(district)s
    ), priced AS (
        SELECT e.*, s.period_id, l.funder, l.merchant_id, lt.breakage_share, coalesce(lo.issue_price, lt.issue_price) AS lot_price,
               coalesce(co.issue_price, ct.issue_price) AS price,
               CASE WHEN ct.own_points = 'cost' AND l.funder = 'merchant' AND l.merchant_id = w.acceptor
                    THEN coalesce(lo.issue_price, lt.issue_price)
                    ELSE coalesce(ro.redemption_price, ct.redemption_price) END AS accepted_at
        FROM entries AS e
        CROSS JOIN LATERAL (SELECT CASE e.code WHEN 'restore' THEN e.debtor ELSE e.creditor END AS acceptor) AS w
        LEFT JOIN settled_journals AS s ON s.district_id = %(district)s AND s.journal_id = e.journal_id
        LEFT JOIN lots AS l ON l.district_id = %(district)s AND l.id = e.subject_id
        LEFT JOIN journals AS a ON a.district_id = %(district)s AND a.id = l.source_id
        LEFT JOIN terms AS lt ON a.recorded_at >= lt.since AND a.recorded_at < lt.until
        LEFT JOIN price_overrides AS lo
            ON lo.district_id = %(district)s AND lo.version = lt.version AND lo.merchant_id = l.merchant_id
        LEFT JOIN refunds AS f ON f.district_id = %(district)s AND f.id = e.journal_id
        LEFT JOIN coupons AS v ON v.district_id = %(district)s AND v.points_returned_in = e.journal_id
        LEFT JOIN journals AS c
            ON c.district_id = %(district)s AND c.id = coalesce(f.transaction_id, v.id, e.journal_id)
        LEFT JOIN terms AS ct ON c.recorded_at >= ct.since AND c.recorded_at < ct.until
        LEFT JOIN price_overrides AS co ON co.district_id = %(district)s AND co.version = ct.version
            AND co.merchant_id = coalesce(f.merchant_id, l.merchant_id)
        LEFT JOIN price_overrides AS ro
            ON ro.district_id = %(district)s AND ro.version = ct.version AND ro.merchant_id = w.acceptor
    ), effects AS (
        SELECT p.period_id, x.party, x.is_public, x.amount FROM priced AS p CROSS JOIN LATERAL (
            SELECT p.debtor AS party, false AS is_public, -p.amount * p.price AS amount WHERE p.code = 'earn'
            UNION ALL SELECT p.creditor, false, p.amount * p.price
                WHERE p.code IN ('reverse', 'take', 'owe') AND p.credit_kind = 'issued'
            UNION ALL SELECT p.district_id, false, -p.amount * p.price WHERE p.code = 'owe' AND p.credit_kind = 'issued'
            UNION ALL SELECT p.district_id, false, p.amount * p.lot_price WHERE p.code = 'pay-owed'
            UNION ALL SELECT p.creditor, false, p.amount * p.accepted_at WHERE p.code = 'spend'
            UNION ALL SELECT p.debtor, false, -p.amount * p.accepted_at WHERE p.code = 'restore'
            UNION ALL SELECT CASE p.funder WHEN 'merchant' THEN p.merchant_id ELSE p.district_id END, false,
                p.amount * p.lot_price * p.breakage_share / 100
                WHERE p.code IN ('expire', 'erase') AND p.credit_kind = 'breakage'
            UNION ALL SELECT p.district_id, false, -p.amount * p.price WHERE p.code = 'adjust' AND p.debit_kind = 'adjustment'
            UNION ALL SELECT p.district_id, false, p.amount * p.lot_price
                WHERE p.code = 'adjust' AND p.credit_kind = 'adjustment'
            UNION ALL SELECT p.debtor, p.debit_kind = 'public_funding', -p.amount WHERE p.code = 'coupon'
            UNION ALL SELECT p.creditor, false, p.amount WHERE p.code = 'coupon'
            UNION ALL SELECT p.creditor, p.credit_kind = 'public_funding', p.amount WHERE p.code = 'coupon-back'
            UNION ALL SELECT p.debtor, false, -p.amount WHERE p.code = 'coupon-back'
            UNION ALL SELECT p.debtor, p.debit_kind = 'public_correction', -p.amount WHERE p.code = 'correction'
            UNION ALL SELECT p.creditor, p.credit_kind = 'public_correction', p.amount WHERE p.code = 'correction'
            UNION ALL SELECT p.creditor, false, p.amount WHERE p.code = 'draw'
            UNION ALL SELECT p.debtor, false, -p.amount WHERE p.code = 'take-over'
            UNION ALL SELECT p.creditor, false, p.amount WHERE p.code = 'take-over'
        ) AS x
    )
"""
"""What each transfer brings each party, exactly, and the period that has taken it."""
_PERIODS = "SELECT count(*) FROM settlement_periods WHERE district_id = %(district)s"
_STATEMENTS = "SELECT count(*) FROM statements WHERE district_id = %(district)s"

CHECKS = (
    Check(
        "no journal was left by the periods that are closed",
        _PERIODS,
        """
        SELECT 'journal ' || j.id, j.recorded_at::text, 'before ' || p.ends_at - interval '48 hours'
        FROM journals AS j JOIN settlement_periods AS p ON p.district_id = j.district_id AND p.status = 'closed'
        WHERE j.district_id = %(district)s AND j.recorded_at < p.ends_at - interval '48 hours' AND NOT EXISTS (
            SELECT FROM settled_journals AS s WHERE s.district_id = %(district)s AND s.journal_id = j.id)
          AND NOT EXISTS (
            SELECT FROM settlement_periods AS n
            WHERE n.district_id = %(district)s AND n.status = 'closed' AND n.number > p.number)
        """,
    ),
    Check(
        "periods are closed in order, without a gap",
        _PERIODS,
        """
        SELECT 'period ' || p.id, p.status || ' from ' || p.starts_at,
               coalesce(b.status, 'none') || ' until ' || coalesce(b.ends_at::text, '')
        FROM settlement_periods AS p
        LEFT JOIN settlement_periods AS b ON b.district_id = p.district_id AND b.number = p.number - 1
        WHERE p.district_id = %(district)s AND p.number > 1
          AND (b.ends_at IS DISTINCT FROM p.starts_at OR (p.status <> 'open' AND b.status IS DISTINCT FROM 'closed'))
        """,
    ),
    Check(
        "the net positions of a closed period and its pool come to 0",
        _PERIODS,
        """
        SELECT 'period ' || p.id, coalesce(sum(s.net_position), 0)::text, (-p.pool)::text
        FROM settlement_periods AS p
        LEFT JOIN statements AS s ON s.district_id = p.district_id AND s.period_id = p.id
        WHERE p.district_id = %(district)s AND p.status = 'closed'
        GROUP BY p.district_id, p.id, p.pool HAVING coalesce(sum(s.net_position), 0) <> -p.pool
        """,
    ),
    Check(
        "each statement is its lines, each rounded once",
        _STATEMENTS,
        """
        SELECT 'statement ' || s.id, s.net_position::text, coalesce(sum(l.amount), 0)::text
        FROM statements AS s
        LEFT JOIN statement_lines AS l ON l.district_id = s.district_id AND l.statement_id = s.id
        WHERE s.district_id = %(district)s AND s.issued_at IS NOT NULL
        GROUP BY s.district_id, s.id, s.net_position
        HAVING s.net_position <> coalesce(sum(l.amount), 0)
            OR bool_or(l.amount IS DISTINCT FROM round(l.points * coalesce(l.price, 1)))
        """,
    ),
    Check(
        "each statement opens with what the one before closed with",
        _STATEMENTS,
        """
        WITH told AS (
            SELECT s.id, s.party_kind, s.party_id, s.opening, s.closing, p.number FROM statements AS s
            JOIN settlement_periods AS p ON p.district_id = s.district_id AND p.id = s.period_id
            WHERE s.district_id = %(district)s AND s.issued_at IS NOT NULL
        ), last AS (SELECT max(number) AS number FROM told)
        SELECT 'statement ' || coalesce(s.id, b.id), coalesce(s.opening, 0)::text, coalesce(b.closing, 0)::text
        FROM told AS s FULL JOIN told AS b
          ON (b.party_kind, b.party_id, b.number) = (s.party_kind, s.party_id, s.number - 1)
        WHERE coalesce(s.opening, 0) <> coalesce(b.closing, 0)
          AND (s.id IS NOT NULL OR b.number < (SELECT l.number FROM last AS l))
        """,
    ),
    Check(
        "what each party is owed or owes stands on its account",
        _STATEMENTS,
        """
        WITH last AS (
            SELECT DISTINCT ON (s.party_kind, s.party_id) s.party_kind = 'public' AS is_public, s.party_id, s.closing
            FROM statements AS s
            JOIN settlement_periods AS p ON p.district_id = s.district_id AND p.id = s.period_id
            WHERE s.district_id = %(district)s AND s.issued_at IS NOT NULL
            ORDER BY s.party_kind, s.party_id, p.number DESC
        ), booked AS (
            SELECT a.kind = 'public_settlement' AS is_public, a.owner_id,
                   sum(CASE WHEN t.credit_account_id = a.id THEN t.amount ELSE -t.amount END)::bigint AS balance
            FROM accounts AS a JOIN transfers AS t
                ON t.district_id = a.district_id AND a.id IN (t.debit_account_id, t.credit_account_id) AND t.asset = 'money'
            LEFT JOIN settled_journals AS s ON s.district_id = t.district_id AND s.journal_id = t.journal_id
            LEFT JOIN settlement_periods AS p ON p.district_id = s.district_id AND p.id = s.period_id
            WHERE a.district_id = %(district)s AND a.kind IN ('settlement', 'public_settlement')
              AND (t.code = 'settle' OR p.status = 'closed') GROUP BY 1, 2
        )
        SELECT 'party ' || coalesce(l.party_id, b.owner_id), coalesce(l.closing, 0)::text, coalesce(b.balance, 0)::text
        FROM last AS l FULL JOIN booked AS b ON b.is_public = l.is_public AND b.owner_id = l.party_id
        WHERE coalesce(l.closing, 0) <> coalesce(b.balance, 0)
        """,
    ),
    Check(
        "statements hold the payments that their period has taken",
        _STATEMENTS,
        """
        WITH taken AS (
            SELECT s.period_id, a.kind = 'public_settlement' AS is_public, a.owner_id AS party,
                   sum(CASE WHEN t.credit_account_id = a.id THEN t.amount ELSE -t.amount END)::bigint AS amount
            FROM accounts AS a JOIN transfers AS t
                ON t.district_id = a.district_id AND a.id IN (t.debit_account_id, t.credit_account_id) AND t.asset = 'money'
            JOIN settled_journals AS s ON s.district_id = t.district_id AND s.journal_id = t.journal_id
            WHERE a.district_id = %(district)s AND a.kind IN ('settlement', 'public_settlement') AND t.code <> 'settle'
            GROUP BY 1, 2, 3
        ), told AS (
            SELECT s.period_id, s.party_kind = 'public' AS is_public, s.party_id AS party, s.payments AS amount
            FROM statements AS s WHERE s.district_id = %(district)s
        )
        SELECT 'party ' || coalesce(h.party, t.party), coalesce(h.amount, 0)::text, coalesce(t.amount, 0)::text
        FROM told AS h
        FULL JOIN taken AS t ON (t.period_id, t.party, t.is_public) = (h.period_id, h.party, h.is_public)
        WHERE coalesce(h.amount, 0) <> coalesce(t.amount, 0)
        """,
    ),
    Check(
        "lines hold what the journals of their period bring, exactly",
        _STATEMENTS,
        f"""
        {_EFFECTS}, brought AS (
            SELECT e.period_id, e.party, e.is_public, sum(e.amount) AS amount FROM effects AS e
            WHERE e.period_id IS NOT NULL GROUP BY 1, 2, 3
        ), held AS (
            SELECT s.period_id, s.party_id AS party, s.party_kind = 'public' AS is_public,
                   sum(l.points * coalesce(l.price, 1)) AS amount
            FROM statements AS s JOIN statement_lines AS l ON l.district_id = s.district_id AND l.statement_id = s.id
            WHERE s.district_id = %(district)s GROUP BY 1, 2, 3
        )
        SELECT 'party ' || coalesce(h.party, b.party), trim_scale(coalesce(h.amount, 0))::text,
               trim_scale(coalesce(b.amount, 0))::text
        FROM held AS h FULL JOIN brought AS b
          ON (b.period_id, b.party, b.is_public) = (h.period_id, h.party, h.is_public)
        WHERE coalesce(h.amount, 0) <> coalesce(b.amount, 0)
        """,
    ),
    Check(
        "the pool is worth the points that are out, breakage kept, and the margin, less what was drawn",
        "SELECT count(*) FROM lots WHERE district_id = %(district)s",
        f"""
        {_EFFECTS}, outstanding AS (
            SELECT coalesce(sum(l.remaining * coalesce(o.issue_price, v.issue_price)), 0) AS amount
            FROM lots AS l JOIN journals AS j ON j.district_id = l.district_id AND j.id = l.source_id
            JOIN terms AS v ON j.recorded_at >= v.since AND j.recorded_at < v.until
            LEFT JOIN price_overrides AS o
                ON o.district_id = l.district_id AND o.version = v.version AND o.merchant_id = l.merchant_id
            WHERE l.district_id = %(district)s AND l.remaining > 0
        ), kept AS (
            SELECT coalesce(sum(CASE
                WHEN p.code IN ('expire', 'erase') AND p.credit_kind = 'breakage'
                    THEN p.amount * p.lot_price * (100 - p.breakage_share) / 100
                WHEN p.code = 'spend' THEN p.amount * (p.lot_price - p.accepted_at)
                WHEN p.code = 'restore' THEN -p.amount * (p.lot_price - p.accepted_at)
                WHEN p.code = 'draw' THEN -p.amount
                WHEN p.code = 'take' THEN p.amount * (p.lot_price - p.price) END), 0) AS amount
            FROM priced AS p
        ), pool AS (SELECT coalesce(-sum(e.amount), 0) AS amount FROM effects AS e)
        SELECT 'pool', trim_scale(p.amount)::text, trim_scale(o.amount + k.amount)::text
        FROM pool AS p, outstanding AS o, kept AS k
        WHERE p.amount <> o.amount + k.amount AND EXISTS (SELECT FROM terms)
        """,
    ),
)
