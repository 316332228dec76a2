"""Coupons by campaign and local day: issued, claimed by members themselves, redeemed, and redeemed in vain; for read models, which
others keep.

Rows aren't summed; `told` are events, as `outbox.WAITING` gives them; all needs the parameters of `shifts_of_all`.
"""

from __future__ import annotations

from app.coupons.events import CodeBatchMade, CouponIssued, CouponRedeemed, RedemptionRolledBack
from app.foundation.database.local_days import local_day, with_shift

TOTALS = ("issued", "claimed", "redeemed", "returned")
REFUNDED = "refund.recorded"
"""By which redemptions come to nothing with their sale."""
KINDS = (CouponIssued.type, CodeBatchMade.type, CouponRedeemed.type, RedemptionRolledBack.type, REFUNDED)
_ISSUED = f"""
    SELECT c.campaign_id, {local_day("c.issued_at")} AS day, 1 AS issued, (c.way IN ('claim', 'points'))::integer AS claimed,
           0 AS redeemed, 0 AS returned
    FROM coupons AS c {with_shift("c.issued_at")}
    WHERE c.district_id = %(district)s::uuid AND c.code_batch_id IS NULL
"""
_MADE = f"""
    SELECT b.campaign_id, {local_day("b.created_at")} AS day, b.issued, 0 AS claimed, 0 AS redeemed, 0 AS returned
    FROM code_batches AS b {with_shift("b.created_at")}
    WHERE b.district_id = %(district)s::uuid AND b.status = 'done'
"""
_REDEEMED = f"""
    SELECT r.campaign_id, {local_day("r.redeemed_at")} AS day, 0 AS issued, 0 AS claimed, {{redeemed}}, {{returned}}
    FROM redemptions AS r {with_shift("r.redeemed_at")} WHERE r.district_id = %(district)s::uuid
"""
_USED = _REDEEMED.format(redeemed="1 AS redeemed", returned="0 AS returned")
_UNDONE = _REDEEMED.format(redeemed="0 AS redeemed", returned="1 AS returned")
COUNTED = f"""
    {_ISSUED} UNION ALL {_MADE} UNION ALL
    {_REDEEMED.format(redeemed="1 AS redeemed", returned="(r.ended_at IS NOT NULL)::integer AS returned")}
"""
"""Every coupon, as the tables have it now; redemptions on the day on which they were made, also those that came to nothing."""


def moves(told: str) -> str:
    """What events change of campaigns' days."""

    def named(field: str, kind: str, also: str = "") -> str:
        return f"""
            IN (SELECT right(o.payload ->> '{field}', 32)::uuid FROM {told} AS o WHERE o.type = '{kind}' {also})
        """

    return f"""
        {_ISSUED} AND c.id {named("coupon_id", CouponIssued.type)}
        UNION ALL {_MADE} AND b.id {named("code_batch_id", CodeBatchMade.type)}
        UNION ALL {_USED} AND r.id {named("redemption_id", CouponRedeemed.type)}
        UNION ALL {_UNDONE} AND r.id {named("redemption_id", RedemptionRolledBack.type)}
        UNION ALL {_UNDONE} AND r.transaction_id
            {named("transaction_id", REFUNDED, "AND o.payload ->> 'transaction_status' = 'refunded'")}
    """
