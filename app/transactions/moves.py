"""What sales, claims and refunds change of the totals of a store's local hour; for read models, which others keep.

Each event changes them by what never changes afterwards, so the order in which events are counted doesn't matter. All of
them together give what the tables of sales and refunds say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.foundation.database.outbox import WAITING
from app.foundation.database.sql_arrays import id_array, number_array, rows_of, text_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.jobs.relay import TakenEvent
from app.transactions.events import RefundRecorded, TransactionClaimed, TransactionRecorded
from app.transactions.local_days import LOCAL_DAY, LOCAL_HOUR, WITH_SHIFT, shifts_of_all

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
)
_SUMS = ", ".join(f"sum({name})::bigint" for name in TOTALS)


class Hour(NamedTuple):
    """A store's local hour, and its totals in the order of TOTALS."""

    store_id: str
    day: date
    hour: int
    totals: tuple[int, ...]


_TOLD = rows_of(kind="text", sale="uuid", refund="uuid", is_members="integer", points="bigint", is_whole="integer")
_WAITING = f"""
    (SELECT o.type AS kind, right(o.payload ->> 'transaction_id', 32)::uuid AS sale,
            right(o.payload ->> 'refund_id', 32)::uuid AS refund,
            (o.payload ->> 'member_id' IS NOT NULL OR (o.payload ->> 'by_coupon')::boolean)::integer AS is_members,
            coalesce((o.payload ->> 'points_earned')::bigint, 0) AS points,
            (o.payload ->> 'transaction_status' = 'refunded')::integer AS is_whole
     FROM {WAITING} AS o WHERE o.type IN ('{"', '".join(KINDS)}'))
"""
_MOVES = """
    SELECT t.store_id, {day} AS day, {hour} AS hour, m.*
    FROM {told} AS e JOIN transactions AS t ON t.district_id = %(district)s::uuid AND t.id = e.sale {shift}
    CROSS JOIN LATERAL (SELECT (t.coupons IS NOT NULL)::integer AS is_used) AS u
    CROSS JOIN LATERAL (
        SELECT 1, t.paid_amount, e.is_members, e.is_members * t.paid_amount, u.is_used,
               u.is_used * t.amount, t.discount_amount, e.points, t.points_spent
        WHERE e.kind = 'transaction.recorded'
        UNION ALL
        SELECT 0, 0, (b.amount < t.amount OR t.amount = 0)::integer, t.paid_amount - b.money, 0, 0, 0, e.points, 0
        FROM (
            SELECT coalesce(sum(r.amount), 0)::bigint AS amount, coalesce(sum(r.money_amount), 0)::bigint AS money
            FROM refunds AS r
            WHERE r.district_id = %(district)s::uuid AND r.transaction_id = t.id AND r.member_id IS NULL
        ) AS b
        WHERE e.kind = 'transaction.claimed'
        UNION ALL
        SELECT -e.is_whole, -r.money_amount, -(e.is_whole * b.is_members), -(b.is_members * r.money_amount),
               -(e.is_whole * u.is_used), -(u.is_used * r.amount), -r.discount_reversed, -r.points_reversed,
               -r.points_restored
        FROM refunds AS r CROSS JOIN LATERAL (SELECT (r.member_id IS NOT NULL)::integer AS is_members) AS b
        WHERE e.kind = 'refund.recorded' AND r.district_id = %(district)s::uuid AND r.id = e.refund
    ) AS m ({totals})
"""


def _moves(told: str) -> str:
    totals = ", ".join(TOTALS)
    return _MOVES.format(told=told, day=LOCAL_DAY, hour=LOCAL_HOUR, shift=WITH_SHIFT, totals=totals)


WAITING_MOVES = _moves(_WAITING)
"""Totals by store, day and hour that events which nobody has taken will change; not summed."""
COUNTED = f"""
    SELECT t.store_id, {LOCAL_DAY} AS day, {LOCAL_HOUR} AS hour, b.is_kept AS sales, t.paid_amount - r.money AS net_amount,
           b.is_members * b.is_kept AS member_sales, b.is_members * (t.paid_amount - r.money) AS member_net_amount,
           b.is_kept * b.is_used AS coupon_sales, b.is_used * (t.amount - t.refunded_amount) AS coupon_bill_amount,
           t.discount_amount - r.discount AS discount_amount, t.points_earned - r.reversed AS points_earned,
           t.points_spent - r.restored AS points_spent
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
"""The same of every sale, as the tables have it now; not summed."""
_SUMMED = (
    "SELECT store_id, day, hour, {sums} FROM ({moves}) AS m GROUP BY store_id, day, hour ORDER BY store_id, day, hour"
)
_TOLD_SUMMED = _SUMMED.format(sums=_SUMS, moves=_moves(_TOLD))
_OF_STORE = " AND t.store_id = %(store)s::uuid"
_TAKEN_SUMMED = _SUMMED.format(
    sums=_SUMS,
    moves=f"{COUNTED}{_OF_STORE} UNION ALL SELECT store_id, day, hour, {', '.join(f'-{name}' for name in TOTALS)} "
    f"FROM ({WAITING_MOVES} WHERE true{_OF_STORE}) AS w",
)


def moved(uow: UnitOfWork, zone: ZoneInfo, events: Sequence[TakenEvent]) -> list[Hour]:
    """By how much events change the totals of hours, in the order of stores and hours."""
    told = [event for event in events if event.type in KINDS]
    if not told:
        return []
    payloads = [event.payload for event in told]
    values = {
        "kind": text_array([event.type for event in told]),
        "sale": id_array([one["transaction_id"] for one in payloads]),
        "refund": id_array([one.get("refund_id") for one in payloads]),
        "is_members": number_array([int(one.get("by_coupon") or one["member_id"] is not None) for one in payloads]),
        "points": number_array([one.get("points_earned", 0) for one in payloads]),
        "is_whole": number_array([int(one.get("transaction_status") == "refunded") for one in payloads]),
    }
    return _hours(uow, _TOLD_SUMMED, zone, values)


def taken(uow: UnitOfWork, zone: ZoneInfo, store_id: str) -> list[Hour]:
    """The totals of a store's hours by all events that have been taken, from the tables of sales and refunds."""
    return _hours(uow, _TAKEN_SUMMED, zone, {"store": hex_of(store_id)})


def _hours(uow: UnitOfWork, query: str, zone: ZoneInfo, values: dict[str, Any]) -> list[Hour]:
    shared = {"district": hex_of(uow.district_id), **shifts_of_all(zone, uow.now.date())}
    return [
        Hour(f"str_{store}", day, hour, tuple(totals))
        for store, day, hour, *totals in uow.rows(query, {**shared, **values})
    ]
