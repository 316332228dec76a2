"""What must hold between coupons and the counts of their campaigns."""

from __future__ import annotations

from app.foundation.checks import Check

_COUNTED = """
    SELECT campaign_id, sum(issued)::bigint AS issued, sum(redeemed)::bigint AS redeemed, sum(expired)::bigint AS expired,
           sum(voided)::bigint AS voided, sum(set_aside)::bigint AS set_aside, sum(allotted)::bigint AS allotted
    FROM campaign_slices WHERE district_id = %(district)s GROUP BY campaign_id
"""
_THERE = """
    SELECT campaign_id, sum(issued)::bigint AS issued, sum(redeemed)::bigint AS redeemed, sum(expired)::bigint AS expired,
           sum(voided)::bigint AS voided, sum(set_aside)::bigint AS set_aside
    FROM (
        SELECT campaign_id, count(*) AS issued, count(*) FILTER (WHERE status = 'redeemed') AS redeemed,
               count(*) FILTER (WHERE status = 'expired') AS expired, count(*) FILTER (WHERE status = 'voided') AS voided,
               sum(set_aside) AS set_aside
        FROM coupons WHERE district_id = %(district)s GROUP BY campaign_id
        UNION ALL
        SELECT campaign_id, quantity - issued, 0, 0, 0, (quantity - issued) * set_aside
        FROM code_batches WHERE district_id = %(district)s AND status <> 'done'
    ) AS each GROUP BY campaign_id
"""
"""Coupons that are there, and those of batches that are still to be made."""
_CAMPAIGNS = "SELECT count(*) FROM campaigns WHERE district_id = %(district)s AND published_at IS NOT NULL"

_PAID = """
    SELECT j.id, j.kind, sum(t.amount)::bigint AS points FROM journals AS j
    JOIN transfers AS t ON t.district_id = j.district_id AND t.journal_id = j.id AND t.code IN ('spend', 'restore')
    WHERE j.district_id = %(district)s AND j.kind IN ('coupon', 'coupon-void') GROUP BY j.id, j.kind
"""
_COSTLY = """
    SELECT c.id, c.points_returned_in, c.void_reason IS NOT NULL AS was_taken_back, (k.terms ->> 'points_price')::bigint AS price
    FROM coupons AS c JOIN campaigns AS k ON k.district_id = c.district_id AND k.id = c.campaign_id
    WHERE c.district_id = %(district)s AND c.way = 'points'
"""
_COSTLY_COUPONS = "SELECT count(*) FROM coupons WHERE district_id = %(district)s AND way = 'points'"


def _told(source: str) -> str:
    return f"concat_ws(' ', {', '.join(f'coalesce({source}.{one}, 0)' for one in ('issued', 'redeemed', 'expired', 'voided'))})"


CHECKS = (
    Check(
        "each campaign counts its coupons: issued, redeemed, expired, voided",
        _CAMPAIGNS,
        f"""
        WITH counted AS ({_COUNTED}), there AS ({_THERE})
        SELECT 'campaign ' || coalesce(k.campaign_id, t.campaign_id), {_told("k")}, {_told("t")}
        FROM counted AS k FULL JOIN there AS t ON t.campaign_id = k.campaign_id
        WHERE {_told("k")} <> {_told("t")}
        """,
    ),
    Check(
        "what each campaign has set aside waits for its coupons",
        _CAMPAIGNS,
        f"""
        WITH counted AS ({_COUNTED}), there AS ({_THERE})
        SELECT 'campaign ' || k.campaign_id, k.set_aside::text, coalesce(t.set_aside, 0)::text
        FROM counted AS k LEFT JOIN there AS t ON t.campaign_id = k.campaign_id
        WHERE k.set_aside <> coalesce(t.set_aside, 0)
        """,
    ),
    Check(
        "no campaign issues, or deals out to its slices, more than its stock",
        _CAMPAIGNS,
        f"""
        WITH counted AS ({_COUNTED})
        SELECT 'campaign ' || k.campaign_id, (k.issued + k.allotted)::text, c.terms ->> 'stock'
        FROM counted AS k JOIN campaigns AS c ON c.district_id = %(district)s AND c.id = k.campaign_id
        WHERE k.issued + k.allotted > (c.terms ->> 'stock')::bigint
        """,
    ),
    Check(
        "each coupon that costs points was paid",
        _COSTLY_COUPONS,
        f"""
        WITH paid AS ({_PAID}), costly AS ({_COSTLY})
        SELECT 'coupon ' || coalesce(c.id, p.id), coalesce(p.points, 0)::text, coalesce(c.price, 0)::text
        FROM costly AS c FULL JOIN (SELECT * FROM paid WHERE kind = 'coupon') AS p ON p.id = c.id
        WHERE c.price IS DISTINCT FROM p.points
        """,
    ),
    Check(
        "each coupon that was taken back gave back the points that it cost, and no other did",
        _COSTLY_COUPONS,
        f"""
        WITH paid AS ({_PAID}), costly AS ({_COSTLY})
        SELECT 'coupon ' || coalesce(c.id, p.id), coalesce(p.points, 0)::text, coalesce(c.price, 0)::text
        FROM (SELECT * FROM costly WHERE points_returned_in IS NOT NULL OR was_taken_back) AS c
        FULL JOIN (SELECT * FROM paid WHERE kind = 'coupon-void') AS p ON p.id = c.points_returned_in
        WHERE c.price IS DISTINCT FROM p.points
        """,
    ),
    Check(
        "every published campaign is counted, and no other",
        _CAMPAIGNS,
        f"""
        WITH counted AS ({_COUNTED})
        SELECT 'campaign ' || c.id, (k.campaign_id IS NOT NULL)::text, (c.published_at IS NOT NULL)::text
        FROM campaigns AS c LEFT JOIN counted AS k ON k.campaign_id = c.id
        WHERE c.district_id = %(district)s AND (k.campaign_id IS NOT NULL) <> (c.published_at IS NOT NULL)
        """,
    ),
)
