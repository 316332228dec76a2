"""What sales, claims and refunds change: of a store's local hour, of a campaign's day, of a member; for read models, which
others keep.

Each event changes them by what never changes afterwards, so the order in which events are counted doesn't matter. All of
them together give what the tables of sales and refunds say. Rows aren't summed; `told` are events, as `outbox.WAITING` gives
them; all needs the parameters of `shifts_of_all`.
"""

from __future__ import annotations

from app.foundation.database.sql_arrays import rows_of
from app.transactions.events import RefundRecorded, TransactionClaimed, TransactionRecorded
from app.transactions.local_days import LOCAL_DAY, LOCAL_HOUR, WITH_SHIFT

KINDS = (TransactionRecorded.type, TransactionClaimed.type, RefundRecorded.type)
TOTALS = (
    "sales",
    "net_amount",
    "member_sales",
    "member_net_amount",
    "coupon_sales",
    "coupon_bill_amount",
    "discount_amount",
    "points_earned",
    "points_spent",
    "coupons_redeemed",
)
"""Of a store's hour."""
CAMPAIGN_TOTALS = ("sales", "bill_amount", "net_amount", "discount_amount")
"""Of the sales to which a campaign's coupons came, on the days on which they were made."""
_TOLD = f"""
    (SELECT o.type AS kind, right(o.payload ->> 'transaction_id', 32)::uuid AS sale,
            right(o.payload ->> 'refund_id', 32)::uuid AS refund,
            (o.payload ->> 'member_id' IS NOT NULL OR coalesce((o.payload ->> 'by_coupon')::boolean, false))::integer
                AS is_members,
            coalesce((o.payload ->> 'points_earned')::bigint, 0) AS points,
            (o.payload ->> 'transaction_status' = 'refunded')::integer AS is_whole
     FROM {{told}} AS o WHERE o.type IN ('{"', '".join(KINDS)}'))
"""
_SALES_TOLD = f"""
    FROM {_TOLD} AS e JOIN transactions AS t ON t.district_id = %(district)s::uuid AND t.id = e.sale {WITH_SHIFT}
"""
_HOURS = f"""
    SELECT t.member_id, t.store_id, {LOCAL_DAY} AS day, {LOCAL_HOUR} AS hour,
           CASE WHEN e.kind = 'transaction.claimed' OR (e.kind = 'transaction.recorded' AND e.is_members = 1)
                THEN {LOCAL_DAY} END AS bought_on, m.*
    {_SALES_TOLD}
    CROSS JOIN LATERAL (
        SELECT (t.coupons IS NOT NULL)::integer AS is_used, coalesce(jsonb_array_length(t.coupons), 0)::bigint AS coupons
    ) AS u
    CROSS JOIN LATERAL (
        SELECT 1, t.paid_amount, e.is_members, e.is_members * t.paid_amount, u.is_used,
               u.is_used * t.amount, t.discount_amount, e.points, t.points_spent, u.coupons
        WHERE e.kind = 'transaction.recorded'
        UNION ALL
        SELECT 0, 0, (b.amount < t.amount OR t.amount = 0)::integer, t.paid_amount - b.money, 0, 0, 0, e.points, 0, 0
        FROM (
            SELECT coalesce(sum(r.amount), 0)::bigint AS amount, coalesce(sum(r.money_amount), 0)::bigint AS money
            FROM refunds AS r
            WHERE r.district_id = %(district)s::uuid AND r.transaction_id = t.id AND r.member_id IS NULL
        ) AS b
        WHERE e.kind = 'transaction.claimed'
        UNION ALL
        SELECT -e.is_whole, -r.money_amount, -(e.is_whole * b.is_members), -(b.is_members * r.money_amount),
               -(e.is_whole * u.is_used), -(u.is_used * r.amount), -r.discount_reversed, -r.points_reversed,
               -r.points_restored, -(e.is_whole * u.coupons)
        FROM refunds AS r CROSS JOIN LATERAL (SELECT (r.member_id IS NOT NULL)::integer AS is_members) AS b
        WHERE e.kind = 'refund.recorded' AND r.district_id = %(district)s::uuid AND r.id = e.refund
    ) AS m ({", ".join(TOTALS)})
"""
HOURS_COUNTED = f"""
    SELECT t.member_id, t.store_id, {LOCAL_DAY} AS day, {LOCAL_HOUR} AS hour, b.is_kept AS sales,
           t.paid_amount - r.money AS net_amount, b.is_members * b.is_kept AS member_sales,
           b.is_members * (t.paid_amount - r.money) AS member_net_amount, b.is_kept * b.is_used AS coupon_sales,
           b.is_used * (t.amount - t.refunded_amount) AS coupon_bill_amount,
           t.discount_amount - r.discount AS discount_amount, t.points_earned - r.reversed AS points_earned,
           t.points_spent - r.restored AS points_spent,
           b.is_kept * coalesce(jsonb_array_length(t.coupons), 0)::bigint AS coupons_redeemed
    FROM transactions AS t {WITH_SHIFT}
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(money_amount), 0)::bigint AS money, coalesce(sum(discount_reversed), 0)::bigint AS discount,
               coalesce(sum(points_reversed), 0)::bigint AS reversed, coalesce(sum(points_restored), 0)::bigint AS restored
        FROM refunds WHERE district_id = %(district)s::uuid AND transaction_id = t.id AND t.refunded_amount > 0
    ) AS r
    CROSS JOIN LATERAL (
        SELECT (t.refunded_amount = 0 OR t.refunded_amount < t.amount)::integer AS is_kept,
               (t.member_id IS NOT NULL)::integer AS is_members, (t.coupons IS NOT NULL)::integer AS is_used
    ) AS b
    WHERE t.district_id = %(district)s::uuid
"""
"""What every sale is in its store's hour, as the tables have it now."""
PARTLY_COUNTED = f"""
    SELECT {", ".join(f"coalesce(sum({name}), 0)::bigint" for name in TOTALS)}
    FROM ({HOURS_COUNTED} AND t.store_id = ANY(%(stores)s::uuid[]) AND t.occurred_at >= %(since)s AND t.occurred_at < %(until)s) AS p
"""
"""The totals of some stores from one instant to another, of less than an hour, by each store's index."""
LAST_SALES = f"""
    SELECT s.id, (
        SELECT max(t.occurred_at) FROM transactions AS t WHERE t.district_id = %(district)s::uuid AND t.store_id = s.id
    ) FROM {rows_of(stores="uuid")} AS s (id)
"""
"""When each of some stores sold last, if ever."""
BOUGHT_COUNTED = f"""
    SELECT member_id, member_sales AS sales, member_net_amount AS net_amount, day AS last_on
    FROM ({HOURS_COUNTED}) AS t WHERE member_id IS NOT NULL
"""
"""What every sale to a member is to it."""
_PER_CAMPAIGN = """
    CROSS JOIN LATERAL (
        SELECT u.value ->> 1 AS campaign, sum((u.value ->> 3)::bigint)::bigint AS discount
        FROM jsonb_array_elements(t.coupons) AS u GROUP BY 1
    ) AS c
"""
_CAMPAIGNS = f"""
    SELECT right(c.campaign, 32)::uuid AS campaign_id, {LOCAL_DAY} AS day, m.*
    {_SALES_TOLD} {_PER_CAMPAIGN}
    CROSS JOIN LATERAL (
        SELECT 1, t.amount, t.paid_amount, c.discount WHERE e.kind = 'transaction.recorded'
        UNION ALL
        SELECT -e.is_whole, -r.amount, -r.money_amount, -coalesce((r.discounts ->> c.campaign)::bigint, 0)
        FROM refunds AS r WHERE e.kind = 'refund.recorded' AND r.district_id = %(district)s::uuid AND r.id = e.refund
    ) AS m ({", ".join(CAMPAIGN_TOTALS)})
    WHERE t.coupons IS NOT NULL
"""
CAMPAIGNS_COUNTED = f"""
    SELECT right(c.campaign, 32)::uuid AS campaign_id, {LOCAL_DAY} AS day,
           (t.refunded_amount = 0 OR t.refunded_amount < t.amount)::integer AS sales,
           t.amount - t.refunded_amount AS bill_amount, t.paid_amount - r.money AS net_amount,
           c.discount - r.discount AS discount_amount
    FROM transactions AS t {WITH_SHIFT} {_PER_CAMPAIGN}
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(money_amount), 0)::bigint AS money,
               coalesce(sum((discounts ->> c.campaign)::bigint), 0)::bigint AS discount
        FROM refunds WHERE district_id = %(district)s::uuid AND transaction_id = t.id AND t.refunded_amount > 0
    ) AS r
    WHERE t.district_id = %(district)s::uuid AND t.coupons IS NOT NULL
"""
"""What every sale with coupons is on its day, to each of their campaigns."""


def hours(told: str) -> str:
    """What events change of stores' hours; whose a sale is now, and the day on which its member bought by it, beside."""
    return _HOURS.format(told=told)


def bought(told: str) -> str:
    """What events change of members."""
    return f"""
        SELECT member_id, member_sales AS sales, member_net_amount AS net_amount, bought_on AS last_on
        FROM ({hours(told)}) AS t WHERE member_id IS NOT NULL AND (bought_on IS NOT NULL OR member_net_amount <> 0
            OR member_sales <> 0)
    """


def campaigns(told: str) -> str:
    """What events change of campaigns' days."""
    return _CAMPAIGNS.format(told=told)
