"""What must hold between redemptions, the coupons that they used, and what is counted of them."""

from __future__ import annotations

from app.foundation.checks import Check

_REDEMPTIONS = "SELECT count(*) FROM redemptions WHERE district_id = %(district)s"
_LIVE = "r.state NOT IN ('returned', 'rolled_back')"

CHECKS = (
    Check(
        "each coupon that is on a bill is redeemed, and each redeemed one was on a bill",
        _REDEMPTIONS,
        f"""
        SELECT 'coupon ' || coalesce(c.id, r.coupon_id), coalesce(c.status, 'no coupon'),
               CASE WHEN r.is_live THEN 'on a bill' WHEN r.is_live IS NULL THEN 'on no bill' END
        FROM (SELECT id, status FROM coupons WHERE district_id = %(district)s) AS c
        FULL JOIN (
            SELECT r.coupon_id, bool_or({_LIVE}) AS is_live FROM redemptions AS r
            WHERE r.district_id = %(district)s GROUP BY r.coupon_id
        ) AS r ON r.coupon_id = c.id
        WHERE (r.is_live AND c.status IS DISTINCT FROM 'redeemed') OR (c.status = 'redeemed' AND r.is_live IS NULL)
        """,
    ),
    Check(
        "what each campaign has taken off bills is what its redemptions have left",
        _REDEMPTIONS,
        """
        WITH counted AS (
            SELECT campaign_id, sum(discount_given)::bigint AS given FROM campaign_slices
            WHERE district_id = %(district)s GROUP BY campaign_id
        ), left_off AS (
            SELECT campaign_id, sum(discount_amount - discount_returned)::bigint AS given FROM redemptions
            WHERE district_id = %(district)s GROUP BY campaign_id
        )
        SELECT 'campaign ' || coalesce(k.campaign_id, r.campaign_id), coalesce(k.given, 0)::text,
               coalesce(r.given, 0)::text
        FROM counted AS k FULL JOIN left_off AS r ON r.campaign_id = k.campaign_id
        WHERE coalesce(k.given, 0) <> coalesce(r.given, 0)
        """,
    ),
    Check(
        "each redemption's discount is what it took from the lines of its bill",
        _REDEMPTIONS,
        """
        SELECT 'redemption ' || r.id, r.discount_amount::text, t.amount::text
        FROM redemptions AS r CROSS JOIN LATERAL (
            SELECT coalesce(sum((one ->> 1)::bigint), 0) AS amount FROM jsonb_array_elements(r.taken) AS one
        ) AS t
        WHERE r.district_id = %(district)s AND t.amount <> r.discount_amount
        """,
    ),
    Check(
        "what funders owe for each redemption is their parts of what is left of it",
        _REDEMPTIONS,
        """
        WITH paid AS (
            SELECT t.subject_id AS redemption, CASE WHEN t.code = 'coupon' THEN t.amount ELSE -t.amount END AS amount,
                   CASE WHEN t.code = 'coupon' THEN t.debit_account_id ELSE t.credit_account_id END AS funding,
                   CASE WHEN t.code = 'coupon' THEN t.credit_account_id ELSE t.debit_account_id END AS redeemed
            FROM transfers AS t WHERE t.district_id = %(district)s AND t.asset = 'money'
              AND t.code IN ('coupon', 'coupon-back')
        ), booked AS (
            SELECT p.redemption, f.kind, f.owner_id, g.owner_id AS merchant_id, sum(p.amount)::bigint AS amount FROM paid AS p
            JOIN accounts AS f ON f.district_id = %(district)s AND f.id = p.funding
            JOIN accounts AS g ON g.district_id = %(district)s AND g.id = p.redeemed GROUP BY 1, 2, 3, 4
        ), wanted AS (
            SELECT r.id AS redemption, o.kind, o.owner_id, r.merchant_id, o.part AS amount FROM redemptions AS r
            JOIN campaigns AS c ON c.district_id = r.district_id AND c.id = r.campaign_id
            CROSS JOIN LATERAL (
                VALUES ('coupon_funding', r.district_id, r.district_part), ('public_funding', r.district_id, r.government_part),
                       ('coupon_funding', coalesce((right(c.terms ->> 'sponsor_merchant_id', 32))::uuid, r.merchant_id),
                        r.merchant_part)
            ) AS o (kind, owner_id, part)
            WHERE r.district_id = %(district)s AND r.state <> 'rejected' AND o.owner_id <> r.merchant_id AND o.part > 0
        )
        SELECT 'redemption ' || coalesce(b.redemption, w.redemption), coalesce(b.amount, 0)::text,
               coalesce(w.amount, 0)::text
        FROM booked AS b FULL JOIN wanted AS w
          ON (w.redemption, w.kind, w.owner_id, w.merchant_id) = (b.redemption, b.kind, b.owner_id, b.merchant_id)
        WHERE coalesce(b.amount, 0) <> coalesce(w.amount, 0)
        """,
    ),
)
