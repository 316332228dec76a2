"""What must hold between sales and the points they earned."""

from app.foundation.checks import Check

_SALES = "SELECT count(*) FROM transactions WHERE district_id = %(district)s"

CHECKS = (
    Check(
        "each sale's points are those of its lots",
        _SALES,
        """
        SELECT 'transaction ' || coalesce(s.id, l.source_id), coalesce(s.points_earned::text, 'no sale'),
               coalesce(l.points, 0)::text
        FROM (SELECT id, points_earned, member_id FROM transactions WHERE district_id = %(district)s) AS s
        FULL JOIN (
            SELECT source_id, sum(points) AS points, min(member_id::text) AS member_id FROM lots
            WHERE district_id = %(district)s GROUP BY source_id
        ) AS l ON l.source_id = s.id
        WHERE s.points_earned IS DISTINCT FROM coalesce(l.points, 0)
           OR (l.source_id IS NOT NULL AND l.member_id IS DISTINCT FROM s.member_id::text)
        """,
    ),
    Check(
        "each sale is of a store of its merchant",
        _SALES,
        """
        SELECT 'transaction ' || t.id, 'store ' || t.store_id, 'a store of merchant ' || t.merchant_id
        FROM transactions t WHERE t.district_id = %(district)s AND NOT EXISTS (
            SELECT 1 FROM stores s
            WHERE s.district_id = t.district_id AND s.id = t.store_id AND s.merchant_id = t.merchant_id)
        """,
    ),
    Check(
        "whoever bought is a member of the merchant",
        _SALES + " AND member_id IS NOT NULL",
        """
        SELECT 'transaction ' || t.id, 'member ' || t.member_id, 'a membership at ' || t.merchant_id
        FROM transactions t WHERE t.district_id = %(district)s AND t.member_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM merchant_memberships m
            WHERE m.district_id = t.district_id AND m.member_id = t.member_id AND m.merchant_id = t.merchant_id)
        """,
    ),
)
