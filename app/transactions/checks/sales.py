"""What must hold between sales and the points they earned."""

from __future__ import annotations

from app.foundation.checks import Check

_SALES = "SELECT count(*) FROM transactions WHERE district_id = %(district)s"
CHECKS = (
    Check(
        "each sale's points are those of its lots",
        _SALES,
        """
        SELECT 'transaction ' || coalesce(s.id, l.source_id),
               coalesce(s.points_earned || ', its merchant''s ' || s.merchant_funded, 'no sale'),
               coalesce(l.points, 0) || ', its merchant''s ' || coalesce(l.of_merchant, 0)
        FROM (
            SELECT id, points_earned, merchant_funded, member_id FROM transactions WHERE district_id = %(district)s
        ) AS s
        FULL JOIN (
            SELECT source_id, sum(points) AS points, sum(points) FILTER (WHERE funder = 'merchant') AS of_merchant,
                   min(member_id::text) AS member_id FROM lots
            WHERE district_id = %(district)s AND merchant_id IS NOT NULL AND restored_from IS NULL GROUP BY source_id
        ) AS l ON l.source_id = s.id
        WHERE s.points_earned IS DISTINCT FROM coalesce(l.points, 0)
           OR s.merchant_funded IS DISTINCT FROM coalesce(l.of_merchant, 0)
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
            WHERE s.district_id = %(district)s AND s.id = t.store_id AND s.merchant_id = t.merchant_id)
        """,
    ),
    Check(
        "whoever bought is a member of the merchant, unless a coupon alone named it",
        _SALES + " AND member_id IS NOT NULL AND by_coupon IS NULL",
        """
        SELECT 'transaction ' || t.id, 'member ' || t.member_id, 'a membership at ' || t.merchant_id
        FROM transactions t WHERE t.district_id = %(district)s AND t.member_id IS NOT NULL AND t.by_coupon IS NULL AND NOT EXISTS (
            SELECT 1 FROM merchant_memberships m
            WHERE m.district_id = %(district)s AND m.member_id = t.member_id AND m.merchant_id = t.merchant_id)
        """,
    ),
    Check(
        "each sale's discount is that of its coupons' redemptions",
        _SALES + " AND coupons IS NOT NULL",
        """
        WITH used AS (
            SELECT transaction_id, string_agg(coupon_id || ' ' || discount_amount, ', ' ORDER BY coupon_id) AS coupons,
                   sum(discount_amount) AS discount
            FROM redemptions WHERE district_id = %(district)s AND transaction_id IS NOT NULL GROUP BY transaction_id
        ), sold AS (
            SELECT t.id, t.discount_amount, (
                SELECT string_agg(right(one ->> 0, 32)::uuid || ' ' || (one ->> 3), ', '
                                  ORDER BY right(one ->> 0, 32)::uuid)
                FROM jsonb_array_elements(t.coupons) AS one
            ) AS coupons
            FROM transactions AS t WHERE t.district_id = %(district)s AND t.coupons IS NOT NULL
        )
        SELECT 'transaction ' || coalesce(s.id, u.transaction_id), concat_ws(': ', s.discount_amount, s.coupons),
               concat_ws(': ', u.discount, u.coupons)
        FROM sold AS s FULL JOIN used AS u ON u.transaction_id = s.id
        WHERE s.coupons IS DISTINCT FROM u.coupons OR coalesce(s.discount_amount, 0) <> coalesce(u.discount, 0)
        """,
    ),
    Check(
        "each sale's points spent are its transfers",
        _SALES + " AND points_spent > 0",
        """
        SELECT 'transaction ' || coalesce(s.id, t.journal_id), coalesce(s.points_spent, 0)::text,
               coalesce(t.points, 0)::text
        FROM (SELECT id, points_spent FROM transactions WHERE district_id = %(district)s AND points_spent > 0) AS s
        FULL JOIN (
            SELECT t.journal_id, sum(t.amount) AS points FROM transfers t
            JOIN journals j ON j.district_id = t.district_id AND j.id = t.journal_id AND j.kind <> 'coupon'
            WHERE t.district_id = %(district)s AND t.code = 'spend' GROUP BY t.journal_id
        ) AS t ON t.journal_id = s.id
        WHERE s.points_spent IS DISTINCT FROM t.points
        """,
    ),
    Check(
        "what was refunded of each sale is the sum of its refunds, and no more than the sale",
        "SELECT count(*) FROM refunds WHERE district_id = %(district)s",
        """
        SELECT 'transaction ' || t.id, t.refunded_amount || '/' || t.points_earned || '/' || t.points_spent,
               coalesce(r.amount, 0) || '/' || coalesce(r.reversed, 0) || '/' || coalesce(r.restored, 0)
        FROM transactions t
        LEFT JOIN (
            SELECT transaction_id, sum(amount) AS amount, sum(points_reversed) AS reversed,
                   sum(points_restored) AS restored, sum(money_amount) AS money, sum(discount_reversed) AS discount
            FROM refunds WHERE district_id = %(district)s GROUP BY transaction_id
        ) AS r ON r.transaction_id = t.id
        WHERE t.district_id = %(district)s AND (r.transaction_id IS NOT NULL OR t.refunded_amount > 0) AND (
            t.refunded_amount IS DISTINCT FROM r.amount OR r.reversed > t.points_earned OR r.restored > t.points_spent
            OR r.money > t.paid_amount OR r.discount > t.discount_amount
            OR (t.refunded_amount = t.amount AND t.member_id IS NOT NULL
                AND (r.reversed, r.restored, r.money, r.discount)
                    IS DISTINCT FROM (t.points_earned, t.points_spent, t.paid_amount, t.discount_amount)))
        """,
    ),
    Check(
        "what refunds gave back of each coupon's discount is what its redemption says",
        "SELECT count(*) FROM redemptions WHERE district_id = %(district)s AND transaction_id IS NOT NULL",
        """
        SELECT 'transaction ' || t.id, coalesce(r.back, 0) || ' by refunds, ' || t.refunded_amount || ' of ' || t.amount,
               c.back || ' of coupons, ' || c.whole || ' of ' || c.coupons || ' returned'
        FROM transactions AS t
        JOIN (
            SELECT transaction_id, sum(discount_returned) AS back, count(*) AS coupons,
                   count(*) FILTER (WHERE state = 'returned' AND discount_returned = discount_amount) AS whole,
                   count(*) FILTER (WHERE state = 'returned') AS returned
            FROM redemptions WHERE district_id = %(district)s AND transaction_id IS NOT NULL GROUP BY transaction_id
        ) AS c ON c.transaction_id = t.id
        LEFT JOIN (
            SELECT transaction_id, sum(discount_reversed) AS back FROM refunds
            WHERE district_id = %(district)s GROUP BY transaction_id
        ) AS r ON r.transaction_id = t.id
        WHERE t.district_id = %(district)s AND (
            c.back <> coalesce(r.back, 0) OR c.whole <> c.returned
            OR c.returned <> CASE WHEN t.refunded_amount = t.amount AND t.amount > 0 THEN c.coupons ELSE 0 END)
        """,
    ),
    Check(
        "each refund's points are its transfers and what had lapsed or was forgiven",
        "SELECT count(*) FROM refunds WHERE district_id = %(district)s",
        """
        SELECT 'refund ' || r.id,
               (r.points_reversed - r.points_lapsed - r.points_forgiven) || '/' || r.points_taken || '/' || r.points_owed
                   || '/' || r.points_restored,
               coalesce(t.back, 0) || '/' || coalesce(t.taken, 0) || '/' || coalesce(t.owed, 0) || '/'
                   || coalesce(t.restored, 0)
        FROM refunds r
        LEFT JOIN (
            SELECT journal_id, sum(amount) FILTER (WHERE code IN ('reverse', 'take', 'owe')) AS back,
                   sum(amount) FILTER (WHERE code = 'take') AS taken, sum(amount) FILTER (WHERE code = 'owe') AS owed,
                   sum(amount) FILTER (WHERE code = 'restore') AS restored
            FROM transfers WHERE district_id = %(district)s GROUP BY journal_id
        ) AS t ON t.journal_id = r.id
        WHERE r.district_id = %(district)s
          AND (r.points_reversed - r.points_lapsed - r.points_forgiven, r.points_taken, r.points_owed, r.points_restored)
              <> (coalesce(t.back, 0), coalesce(t.taken, 0), coalesce(t.owed, 0), coalesce(t.restored, 0))
        """,
    ),
    Check(
        "each refund's points go back to those who had issued them",
        "SELECT count(*) FROM refunds WHERE district_id = %(district)s",
        """
        SELECT 'refund ' || r.id, t.points || ' to ' || coalesce(t.kind || ' of ' || t.owner_id, 'none'),
               m.told || ', at most ' || m.most
        FROM refunds r
        JOIN (
            SELECT t.journal_id, a.kind, a.owner_id, sum(t.amount) AS points
            FROM transfers t LEFT JOIN accounts a ON a.district_id = t.district_id AND a.id = t.credit_account_id
            WHERE t.district_id = %(district)s AND t.code IN ('reverse', 'take', 'owe')
            GROUP BY t.journal_id, a.kind, a.owner_id
        ) AS t ON t.journal_id = r.id
        CROSS JOIN LATERAL (
            SELECT CASE t.owner_id WHEN r.merchant_id THEN r.merchant_reversed
                                   WHEN r.district_id THEN r.points_reversed - r.merchant_reversed ELSE 0 END AS most,
                   CASE t.owner_id WHEN r.merchant_id THEN r.merchant_returned
                        ELSE r.points_reversed - r.points_lapsed - r.points_forgiven - r.merchant_returned END AS told
        ) AS m
        WHERE r.district_id = %(district)s AND (
            t.kind IS DISTINCT FROM 'issued' OR t.points > m.most OR t.points <> m.told)
        """,
    ),
)
