"""What must hold of points: balances, lots and the ledger tell one story (docs/ledger.md)."""

from __future__ import annotations

from app.foundation.checks import Check

_BALANCES = "SELECT count(*) FROM point_balances WHERE district_id = %(district)s"
_LOTS = "SELECT count(*) FROM lots WHERE district_id = %(district)s"
CHECKS = (
    Check(
        "each balance equals its transfers",
        _BALANCES,
        """
        SELECT 'member ' || b.member_id, b.ledger || ' after ' || b.sequence,
               coalesce(t.total, 0) || ' after ' || coalesce(t.entries, 0)
        FROM point_balances b
        LEFT JOIN accounts a ON a.district_id = b.district_id AND a.asset = 'points' AND a.kind = 'member'
                            AND a.owner_id = b.member_id
        LEFT JOIN (
            SELECT holder_id, count(*) AS entries,
                   sum(CASE WHEN credit_account_id = holder_id THEN amount ELSE -amount END) AS total
            FROM transfers WHERE district_id = %(district)s GROUP BY holder_id
        ) AS t ON t.holder_id = a.id
        WHERE b.district_id = %(district)s
          AND (b.ledger <> coalesce(t.total, 0) OR b.sequence <> coalesce(t.entries, 0) OR a.id IS NULL)
        """,
    ),
    Check(
        "each balance equals its lots",
        _BALANCES,
        """
        SELECT 'member ' || coalesce(b.member_id, l.member_id), coalesce(b.ledger::text, 'none'), coalesce(l.held, 0)::text
        FROM (SELECT * FROM point_balances WHERE district_id = %(district)s) AS b
        FULL JOIN (
            SELECT member_id, sum(remaining) AS held FROM lots WHERE district_id = %(district)s GROUP BY member_id
        ) AS l ON l.member_id = b.member_id
        WHERE b.ledger IS DISTINCT FROM coalesce(l.held, 0)
        """,
    ),
    Check(
        "available, pending and ended points make up each balance",
        _BALANCES,
        """
        SELECT 'member ' || b.member_id, b.available || '+' || b.pending, l.available || '+' || l.pending
        FROM point_balances b
        JOIN (
            SELECT member_id,
                   coalesce(sum(remaining) FILTER (WHERE available_at <= %(now)s
                            AND (expires_at IS NULL OR expires_at > %(now)s)), 0) AS available,
                   coalesce(sum(remaining) FILTER (WHERE available_at > %(now)s
                            AND (expires_at IS NULL OR expires_at > %(now)s)), 0) AS pending
            FROM lots WHERE district_id = %(district)s GROUP BY member_id
        ) AS l ON l.member_id = b.member_id
        WHERE b.district_id = %(district)s AND (b.next_change_at IS NULL OR b.next_change_at > %(now)s)
          AND (b.counted_at IS NULL OR b.counted_at <= %(now)s)
          AND (b.available <> l.available OR b.pending <> l.pending)
        """,
    ),
    Check(
        "no balance waits longer than its lots for what the clock changes",
        _BALANCES,
        """
        SELECT 'member ' || b.member_id, coalesce(b.next_change_at::text, 'never'), l.next_change::text
        FROM point_balances b
        JOIN (
            SELECT member_id, min(CASE WHEN available_at > %(now)s THEN least(available_at, expires_at)
                                       ELSE expires_at END) AS next_change
            FROM lots WHERE district_id = %(district)s AND remaining > 0
                        AND (expires_at IS NULL OR expires_at > %(now)s)
            GROUP BY member_id
        ) AS l ON l.member_id = b.member_id AND l.next_change IS NOT NULL
        WHERE b.district_id = %(district)s AND (b.next_change_at IS NULL OR b.next_change_at > l.next_change)
          AND (b.counted_at IS NULL OR b.counted_at <= %(now)s)
        """,
    ),
    Check(
        "what is owed equals the owed accounts",
        _BALANCES,
        """
        SELECT 'member ' || b.member_id, b.owed::text, coalesce(o.owed, 0)::text
        FROM point_balances b
        LEFT JOIN (
            SELECT a.owner_id, sum(CASE WHEN t.debit_account_id = a.id THEN t.amount ELSE -t.amount END) AS owed
            FROM accounts a JOIN transfers t
              ON t.district_id = a.district_id AND a.id IN (t.debit_account_id, t.credit_account_id)
            WHERE a.district_id = %(district)s AND a.kind = 'owed' AND t.code IN ('owe', 'pay-owed', 'erase', 'merge')
            GROUP BY a.owner_id
        ) AS o ON o.owner_id = b.member_id
        WHERE b.district_id = %(district)s AND b.owed <> coalesce(o.owed, 0)
        """,
    ),
    Check(
        "no lot is below zero or above its size, and each holds what its transfers left",
        _LOTS,
        """
        SELECT 'lot ' || l.id, l.remaining || ' of ' || l.points, coalesce(t.held, 0) || ' of ' || coalesce(t.came, 0)
        FROM lots l
        LEFT JOIN (
            SELECT subject_id, sum(CASE WHEN credit_account_id = holder_id THEN amount ELSE -amount END) AS held,
                   sum(amount) FILTER (WHERE credit_account_id = holder_id AND code <> 'merge') AS came
            FROM transfers WHERE district_id = %(district)s AND subject_id IS NOT NULL GROUP BY subject_id
        ) AS t ON t.subject_id = l.id
        WHERE l.district_id = %(district)s
          AND (l.remaining NOT BETWEEN 0 AND l.points OR l.remaining <> coalesce(t.held, 0)
               OR l.points <> coalesce(t.came, 0))
        """,
    ),
    Check(
        "points outstanding: issued − redeemed − breakage ± adjustment = members − owed",
        "SELECT count(*) FROM accounts WHERE district_id = %(district)s AND asset = 'points'",
        """
        SELECT 'points', 'outstanding ' || outstanding || ', held ' || held, 'balances ' || balances FROM (
            SELECT coalesce(sum(net) FILTER (WHERE kind IN ('member', 'owed')), 0) AS held,
                   coalesce(-sum(net) FILTER (WHERE kind NOT IN ('member', 'owed')), 0) AS outstanding
            FROM (
                SELECT a.kind, t.amount AS net FROM transfers t JOIN accounts a
                    ON a.district_id = t.district_id AND a.id = t.credit_account_id
                    WHERE t.district_id = %(district)s AND t.asset = 'points'
                UNION ALL
                SELECT a.kind, -t.amount FROM transfers t JOIN accounts a
                    ON a.district_id = t.district_id AND a.id = t.debit_account_id
                    WHERE t.district_id = %(district)s AND t.asset = 'points'
            ) AS sides
        ) AS totals
        CROSS JOIN (
            SELECT coalesce(sum(ledger - owed), 0) AS balances FROM point_balances WHERE district_id = %(district)s
        ) AS purses
        WHERE held <> outstanding OR held <> balances
        """,
    ),
    Check(
        "each award was issued by its lot's funder",
        _LOTS,
        """
        SELECT 'lot ' || l.id, coalesce(a.kind || ' of ' || a.owner_id, 'none'), 'issued of ' || o.owner
        FROM lots l
        CROSS JOIN LATERAL (
            SELECT CASE l.funder WHEN 'merchant' THEN l.merchant_id ELSE l.district_id END AS owner
        ) AS o
        JOIN transfers t ON t.district_id = l.district_id AND t.journal_id = l.source_id AND t.subject_id = l.id
                        AND t.code = 'earn'
        LEFT JOIN accounts a ON a.district_id = t.district_id AND a.id = t.debit_account_id
        WHERE l.district_id = %(district)s AND l.restored_from IS NULL
          AND (a.kind IS DISTINCT FROM 'issued' OR a.owner_id <> o.owner)
        """,
    ),
    Check(
        "each member's lifetime earnings equal what was awarded",
        _BALANCES,
        """
        SELECT 'member ' || b.member_id, b.earned::text, coalesce(l.earned, 0)::text
        FROM point_balances b
        LEFT JOIN (SELECT member_id, sum(points) AS earned FROM lots
                   WHERE district_id = %(district)s AND restored_from IS NULL AND merchant_id IS NOT NULL
                   GROUP BY member_id) AS l ON l.member_id = b.member_id
        WHERE b.district_id = %(district)s AND b.earned <> coalesce(l.earned, 0)
        """,
    ),
    Check(
        "each member's lifetime of spending and expiry equals the transfers",
        _BALANCES,
        """
        SELECT 'member ' || b.member_id, b.spent || ' and ' || b.expired,
               coalesce(t.spent, 0) || ' and ' || coalesce(t.expired, 0)
        FROM point_balances b
        LEFT JOIN (
            SELECT coalesce(p.merged_into, a.owner_id) AS member_id,
                   sum(t.amount) FILTER (WHERE t.code IN ('spend', 'pay-owed')) AS spent,
                   sum(t.amount) FILTER (WHERE t.code = 'expire') AS expired
            FROM transfers t
            JOIN accounts a ON a.district_id = t.district_id AND a.id = t.holder_id
            LEFT JOIN point_balances p ON p.district_id = a.district_id AND p.member_id = a.owner_id
            WHERE t.district_id = %(district)s GROUP BY 1
        ) AS t ON t.member_id = b.member_id
        WHERE b.district_id = %(district)s AND (b.spent, b.expired) <> (coalesce(t.spent, 0), coalesce(t.expired, 0))
        """,
    ),
    Check(
        "what expired of each lot equals its transfers, and no more of that is reclaimed",
        _LOTS,
        """
        SELECT 'lot ' || l.id, l.expired || ', reclaimed ' || l.reclaimed, coalesce(t.expired, 0)::text
        FROM lots l
        LEFT JOIN (
            SELECT subject_id, sum(amount) AS expired FROM transfers
            WHERE district_id = %(district)s AND code = 'expire' GROUP BY subject_id
        ) AS t ON t.subject_id = l.id
        WHERE l.district_id = %(district)s AND (
            l.expired <> coalesce(t.expired, 0)
            OR l.reclaimed > l.expired + CASE WHEN l.expires_at <= %(now)s THEN l.remaining ELSE 0 END)
        """,
    ),
    Check(
        "each restored lot has the issuer, funder, source and beginning of the lot it was spent from",
        _LOTS + " AND restored_from IS NOT NULL",
        """
        SELECT 'lot ' || l.id, 'restored from ' || l.restored_from, 'a lot of the same origin'
        FROM lots l LEFT JOIN lots s ON s.district_id = l.district_id AND s.id = l.restored_from
        WHERE l.district_id = %(district)s AND l.restored_from IS NOT NULL
          AND (s.member_id, s.funder, s.source_id, s.available_at) IS DISTINCT FROM
              (l.member_id, l.funder, l.source_id, l.available_at)
           OR l.district_id = %(district)s AND l.restored_from IS NOT NULL
          AND (s.merchant_id IS DISTINCT FROM l.merchant_id)
        """,
    ),
    Check(
        "each adjustment is its transfers",
        "SELECT count(*) FROM adjustments WHERE district_id = %(district)s",
        """
        SELECT 'adjustment ' || coalesce(a.id, t.journal_id), coalesce(a.points, 0)::text, coalesce(t.points, 0)::text
        FROM (SELECT id, points FROM adjustments WHERE district_id = %(district)s) AS a
        FULL JOIN (
            SELECT journal_id, sum(CASE WHEN credit_account_id = holder_id THEN amount ELSE -amount END) AS points
            FROM transfers WHERE district_id = %(district)s AND code = 'adjust' GROUP BY journal_id
        ) AS t ON t.journal_id = a.id
        WHERE a.points IS DISTINCT FROM t.points
        """,
    ),
    Check(
        "every member has a balance, and every balance a member",
        _BALANCES,
        """
        SELECT 'member ' || coalesce(b.member_id, m.id), CASE WHEN m.id IS NULL THEN 'a balance' ELSE 'a member' END, 'both'
        FROM (SELECT member_id FROM point_balances WHERE district_id = %(district)s) AS b
        FULL JOIN (SELECT id FROM members WHERE district_id = %(district)s) AS m ON m.id = b.member_id
        WHERE m.id IS NULL OR b.member_id IS NULL
        """,
    ),
)
