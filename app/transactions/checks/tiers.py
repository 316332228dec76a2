"""What must hold between sales, refunds and tiers, in districts that have some."""

from __future__ import annotations

from app.foundation.checks import Check
from app.transactions.local_days import LOCAL_DAY, WITH_SHIFT

CHECKS = (
    Check(
        "what members bought by day is what their sales and refunds say",
        "SELECT count(*) FROM member_days WHERE district_id = %(district)s",
        f"""
        WITH bought AS (
            SELECT t.member_id, {LOCAL_DAY} AS day,
                   sum(t.points_earned - coalesce(r.points, 0)) AS points,
                   sum(t.paid_amount - coalesce(r.money, 0)) AS amount
            FROM transactions AS t {WITH_SHIFT}
            LEFT JOIN (
                SELECT transaction_id, sum(points_reversed) AS points, sum(money_amount) AS money FROM refunds
                WHERE district_id = %(district)s GROUP BY transaction_id
            ) AS r ON r.transaction_id = t.id
            WHERE t.district_id = %(district)s AND t.member_id IS NOT NULL
              AND EXISTS (SELECT FROM tiers WHERE district_id = %(district)s)
            GROUP BY t.member_id, day
        ), kept AS (
            SELECT member_id, day, points_earned AS points, amount_spent AS amount FROM member_days
            WHERE district_id = %(district)s
        )
        SELECT 'member ' || coalesce(k.member_id, b.member_id) || ' ' || coalesce(k.day, b.day),
               coalesce(k.points, 0) || ' and ' || coalesce(k.amount, 0),
               coalesce(b.points, 0) || ' and ' || coalesce(b.amount, 0)
        FROM kept AS k FULL JOIN bought AS b ON b.member_id = k.member_id AND b.day = k.day
        WHERE (coalesce(k.points, 0), coalesce(k.amount, 0)) <> (coalesce(b.points, 0), coalesce(b.amount, 0))
        """,
    ),
    Check(
        "each tier that is held was reached by what was bought",
        "SELECT count(*) FROM member_tiers WHERE district_id = %(district)s",
        """
        SELECT 'member ' || h.member_id || ' tier ' || h.tier_id, coalesce(b.total, 0)::text, h.threshold::text
        FROM member_tiers AS h CROSS JOIN LATERAL (
            SELECT sum(CASE h.qualifies_by WHEN 'points_earned' THEN d.points_earned ELSE d.amount_spent END) AS total
            FROM member_days AS d
            WHERE d.district_id = %(district)s AND d.member_id = h.member_id
              AND d.day > h.reached_on - h.period_days AND d.day <= h.reached_on
        ) AS b
        WHERE h.district_id = %(district)s AND coalesce(b.total, 0) < h.threshold
        """,
    ),
)
