"""Reading sales: those met before, by id, by receipt, lists and totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any, NamedTuple

from app.coupons.giving.targets import Bought
from app.coupons.giving.triggers import Sold
from app.foundation.clock import end_of_day, start_of_day
from app.foundation.database import idempotency
from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import bytes_array, id_array, rows_of, text_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.pagination import order_of
from app.foundation.problems import NotFound
from app.points.programme import queries as programme_queries
from app.transactions.reports import units_of
from app.transactions.sales.record import COLUMNS, Record, SoFar, record_of

_RECORDED = "SELECT count(*) FROM transactions WHERE district_id = %s AND id >= %s::uuid AND id < %s::uuid"
_COLUMNS = ", ".join(f"t.{name}" for name in COLUMNS)
_MET = f"""
    SELECT t.id, NULL::uuid, NULL::text FROM {rows_of(merchants="uuid", references="text")} AS k (merchant, reference)
    CROSS JOIN LATERAL (
        SELECT id FROM transactions AS t
        WHERE t.district_id = %(district)s::uuid AND t.merchant_id = k.merchant AND t.reference = k.reference LIMIT 1
    ) AS t
    UNION ALL
    SELECT t.id, t.merchant_id, p.reference FROM {rows_of(payments="text")} AS p (reference)
    CROSS JOIN LATERAL (
        SELECT id, merchant_id FROM transactions AS t
        WHERE t.district_id = %(district)s::uuid AND t.payment_reference = p.reference
    ) AS t
    UNION ALL
    SELECT k.principal, NULL, NULL FROM ({idempotency.KNOWN}) AS k
"""
Pair = tuple[str, str]


class Met(NamedTuple):
    """A recorded sale, by its id in hexadecimal digits; the other two are set where a payment reference led to it."""

    id: str
    merchant_id: str | None
    payment_reference: str | None


def ask_met(
    uow: UnitOfWork, references: Iterable[Pair], payments: Iterable[str], keys: Iterable[Pair]
) -> Asked[list[Met]]:
    """Sends the question whether sales or idempotency keys were met before; call the result for them, mostly none.

    `references` are (merchant id, reference), `keys` (principal id, key). Of a key that is known no sale's id is told: a
    row with its principal's says no more than that there is something to look up.
    """
    merchants, named = _columns(references)
    cursor = uow.execute(
        _MET,
        {
            "district": hex_of(uow.district_id),
            "merchants": id_array(merchants),
            "references": text_array(named),
            "payments": text_array(sorted(set(payments))),
            **idempotency.columns(keys),
        },
    )
    return lambda: [Met(one, merchant and f"mer_{merchant}", payment) for one, merchant, payment in cursor.fetchall()]


def _columns(pairs: Iterable[Pair]) -> tuple[list[str], list[str]]:
    both = list(pairs)
    return [first for first, _ in both], [second for _, second in both]


def ask_records(uow: UnitOfWork, ids: Iterable[str], *, lock: bool = False) -> Asked[dict[str, Record]]:
    """Sends the question for sales by id, locked in the order of ids; call the result for them."""
    wanted = list(set(ids))
    if not wanted:
        return dict
    query = (
        f"SELECT {_COLUMNS} FROM transactions AS t WHERE t.district_id = %s AND t.id = ANY(%s::uuid[]) ORDER BY t.id"
    )
    cursor = uow.execute(query + (" FOR UPDATE" if lock else ""), (hex_of(uow.district_id), id_array(wanted)))
    return lambda: {record.id: record for record in map(record_of, cursor.fetchall())}


def records(uow: UnitOfWork, ids: Iterable[str], *, lock: bool = False) -> dict[str, Record]:
    """Sales by id."""
    return ask_records(uow, ids, lock=lock)()


def find_sale(uow: UnitOfWork, transaction_id: str, *, lock: bool = False) -> Record:
    """A sale that the principal may see. Raises NotFound."""
    record = records(uow, [transaction_id], lock=lock).get(transaction_id)
    if record is None or not uow.principal.acts_for(record.merchant_id, record.store_id):
        raise NotFound
    return record


def waiting_for_phones(uow: UnitOfWork, indexes: Iterable[bytes], since: datetime) -> list[Record]:
    """Unclaimed sales that were reported to phones since an instant, locked, oldest first."""
    return [
        record_of(row)
        for row in uow.rows(
            f"SELECT {_COLUMNS} FROM transactions AS t WHERE t.district_id = %s AND t.phone_index = ANY(%s::bytea[]) "
            "AND t.member_id IS NULL AND t.recorded_at > %s ORDER BY t.id FOR UPDATE",
            (hex_of(uow.district_id), bytes_array(list(indexes)), since),
        )
    ]


def has_bought(uow: UnitOfWork, member_id: str) -> bool:
    """Whether a member has ever bought anything in the district, refunded or not."""
    query = "SELECT EXISTS (SELECT FROM transactions AS t WHERE t.district_id = %s AND t.member_id = %s)"
    return bool(uow.rows(query, (hex_of(uow.district_id), hex_of(member_id)))[0][0])


_OF_IDS = """
    SELECT t.id, t.member_id, t.merchant_id, t.amount, t.refunded_amount > 0 AND t.refunded_amount = t.amount,
           NOT EXISTS (SELECT FROM transactions AS o
                       WHERE o.district_id = %(district)s AND o.member_id = t.member_id AND o.id < t.id),
           t.occurred_at, coalesce(t.recorded_at - t.occurred_at > make_interval(days => %(late_days)s::integer), false)
    FROM transactions AS t WHERE t.district_id = %(district)s AND t.id = ANY(%(sales)s::uuid[]) ORDER BY t.id
"""


def sold_by_id(uow: UnitOfWork, sale_ids: Sequence[str]) -> list[Sold]:
    """What triggers of coupons look at of some sales."""
    late_days = programme_queries.programme(uow).late_sale_days
    values = {"district": hex_of(uow.district_id), "sales": id_array(sale_ids), "late_days": late_days}
    return [
        Sold(f"txn_{sale}", member and f"mem_{member}", f"mer_{merchant}", *more)
        for sale, member, merchant, *more in uow.rows(_OF_IDS, values)
    ]


_SOLD = """
    SELECT t.member_id, max(t.occurred_at),
           coalesce(sum(t.paid_amount - coalesce(r.money, 0)) FILTER (WHERE %(since)s::timestamptz IS NULL
                                                                      OR t.occurred_at >= %(since)s), 0)::bigint
    FROM transactions AS t LEFT JOIN LATERAL (
        SELECT sum(money_amount) AS money FROM refunds
        WHERE district_id = %(district)s AND transaction_id = t.id AND t.refunded_amount > 0
    ) AS r ON true
    WHERE t.district_id = %(district)s AND t.member_id = ANY(%(members)s::uuid[])
      AND (%(merchant)s::uuid IS NULL OR (t.merchant_id = %(merchant)s AND t.by_coupon IS NOT TRUE))
    GROUP BY t.member_id
"""


def sold_to(
    uow: UnitOfWork, member_ids: Sequence[str], merchant_id: str | None, since: datetime | None
) -> dict[str, Bought]:
    """When each of some members last bought something, and the money it spent since an instant, less what went back.

    Of one merchant's sales, whose buyers it knows, or of all. Who has bought nothing isn't in it.
    """
    values = {
        "district": hex_of(uow.district_id),
        "members": id_array(member_ids),
        "merchant": merchant_id and hex_of(merchant_id),
        "since": since,
    }
    return {f"mem_{member}": Bought(last, spent) for member, last, spent in uow.rows(_SOLD, values)}


_BOUGHT = """
    SELECT b.member, b.merchant,
           EXISTS (SELECT FROM transactions AS t WHERE t.district_id = %(district)s::uuid AND t.member_id = b.member),
           EXISTS (SELECT FROM transactions AS t WHERE t.district_id = %(district)s::uuid AND t.member_id = b.member
                     AND t.merchant_id = b.merchant)
    FROM unnest(%(members)s::uuid[], %(merchants)s::uuid[]) AS b (member, merchant)
"""


def ask_bought(uow: UnitOfWork, pairs: Iterable[Pair]) -> Asked[dict[Pair, tuple[bool, bool]]]:
    """Sends the question whether members (first) have bought before: anywhere, and at the merchants (second)."""
    members, merchants = _columns(sorted(set(pairs)))
    if not members:
        return dict
    values = {
        "district": hex_of(uow.district_id),
        "members": id_array(members),
        "merchants": id_array(merchants),
    }
    cursor = uow.execute(_BOUGHT, values)
    return lambda: {
        (f"mem_{member}", f"mer_{merchant}"): (anywhere, here) for member, merchant, anywhere, here in cursor.fetchall()
    }


_FILTERS = {
    "member_id": "t.member_id = %(member_id)s",
    "merchant_id": "t.merchant_id = %(merchant_id)s",
    "store_id": "t.store_id = %(store_id)s",
    "reference": "t.reference = %(reference)s",
    "occurred_from": "t.occurred_at >= %(occurred_from)s",
    "occurred_to": "t.occurred_at < %(occurred_to)s",
}
_SORTED = {"amount": "t.amount >= 0", "occurred_at": "t.occurred_at > '-infinity'"}
"""Columns by which sales are sorted, and what is true of all: without it no other question is answered by their indexes."""
_STATUSES = {
    "recorded": "t.refunded_amount = 0",
    "partially_refunded": "t.refunded_amount > 0 AND t.refunded_amount < t.amount",
    "refunded": "t.refunded_amount > 0 AND t.refunded_amount = t.amount",
}


def listed(uow: UnitOfWork, filters: Mapping[str, Any], limit: int | None) -> list[Record]:
    """Sales that the principal may see, newest recorded first or as `sort` says (the other way round before a cursor); one
    more than `limit`, or all.
    """
    values: dict[str, Any] = {
        name: hex_of(value) if name.endswith("_id") else value
        for name, value in filters.items()
        if value is not None and name in _FILTERS
    }
    conditions = [_FILTERS[name] for name in values]
    if filters.get("status"):
        conditions.append(_STATUSES[filters["status"]])
    if uow.principal.merchant_id and "member_id" in values:
        conditions.append("t.by_coupon IS NULL")
    for name, own in (("own_merchant", uow.principal.merchant_id), ("own_store", uow.principal.store_id)):
        if own:
            conditions.append(f"t.{name[4:]}_id = %({name})s")
            values[name] = hex_of(own)
    order = order_of(filters)
    by, at = ["t.id"], ["%(cursor)s::uuid"]
    if order.by:
        conditions.append(_SORTED[order.by])
        by.insert(0, f"t.{order.by}")
        at.insert(
            0, f"(SELECT c.{order.by} FROM transactions AS c WHERE c.district_id = %(district)s AND c.id = %(cursor)s)"
        )
    if order.cursor:
        values["cursor"] = hex_of(order.cursor)
        conditions.append(f"({', '.join(by)}) {'>' if order.is_rising else '<'} ({', '.join(at)})")
    ordered = ", ".join(f"{one} {'ASC' if order.is_rising else 'DESC'}" for one in by)
    query = (
        f"SELECT {_COLUMNS} FROM transactions AS t WHERE {' AND '.join(['t.district_id = %(district)s', *conditions])} "
        f"ORDER BY {ordered} LIMIT %(limit)s"
    )
    return [
        record_of(row)
        for row in uow.rows(query, {**values, "district": hex_of(uow.district_id), "limit": limit and limit + 1})
    ]


_SUMMARY = """
    SELECT count(*), count(t.member_id), coalesce(sum(t.amount), 0), coalesce(sum(t.discount_amount), 0),
           coalesce(sum(t.points_amount), 0), coalesce(sum(t.paid_amount), 0), coalesce(sum(t.refunded_amount), 0),
           coalesce(sum(t.points_earned), 0), coalesce(sum(t.points_spent), 0)
    FROM transactions AS t
    WHERE t.district_id = %(district)s AND t.store_id = ANY(%(stores)s::uuid[])
      AND t.occurred_at >= %(start)s AND t.occurred_at < %(end)s
"""
_SUMMARY_NAMES = (
    "count",
    "member_count",
    "amount",
    "discount_amount",
    "points_amount",
    "paid_amount",
    "refunded_amount",
    "points_earned",
    "points_spent",
)


def summary(uow: UnitOfWork, day: date, zone: Any, store_ids: Iterable[str]) -> dict[str, int]:
    """Totals of the sales that occurred on a local day in some stores."""
    [row] = uow.rows(
        _SUMMARY,
        {
            "district": hex_of(uow.district_id),
            "stores": id_array(list(store_ids)),
            "start": start_of_day(day, zone),
            "end": end_of_day(day, zone),
        },
    )
    return {name: int(value) for name, value in zip(_SUMMARY_NAMES, row, strict=True)}


def newest_sale_at(uow: UnitOfWork, store_ids: Iterable[str]) -> datetime | None:
    """The latest `occurred_at` among the sales of some stores: one index look-up a store."""
    newest: datetime | None = uow.rows(
        "SELECT max(n.occurred_at) FROM unnest(%(stores)s::uuid[]) AS s (id) CROSS JOIN LATERAL ("
        "  SELECT t.occurred_at FROM transactions AS t WHERE t.district_id = %(district)s AND t.store_id = s.id "
        "  ORDER BY t.occurred_at DESC LIMIT 1) AS n",
        {"district": hex_of(uow.district_id), "stores": id_array(list(store_ids))},
    )[0][0]
    return newest


def counts_of_members(uow: UnitOfWork, member_ids: Iterable[str]) -> dict[str, int]:
    """How many sales members have, by id."""
    query = (
        "SELECT member_id, count(*) FROM transactions WHERE district_id = %s AND member_id = ANY(%s::uuid[]) GROUP BY 1"
    )
    rows = uow.rows(query, (hex_of(uow.district_id), id_array(list(member_ids))))
    return {f"mem_{member}": count for member, count in rows}


def sale_to_claim(uow: UnitOfWork, claim_hash: bytes, member_id: str) -> Record | None:
    """The sale on whose receipt a secret with this hash stands: one that is nobody's, or this member's."""
    record = sale_of_receipt(uow, claim_hash)
    return record if record is not None and record.member_id in (None, member_id) else None


def sale_of_receipt(uow: UnitOfWork, claim_hash: bytes) -> Record | None:
    """The sale on whose receipt a secret with this hash stands, whosever it is by now."""
    query = f"SELECT {_COLUMNS} FROM transactions AS t WHERE t.district_id = %s AND t.claim_hash = %s"
    rows = uow.rows(query, (hex_of(uow.district_id), claim_hash))
    return record_of(rows[0]) if rows else None


def count_claims(uow: UnitOfWork, member_id: str, since: datetime) -> int:
    """How many receipts a member has claimed since an instant; what came by their phone alone isn't counted."""
    query = (
        "SELECT count(*) FROM transactions WHERE district_id = %s AND member_id = %s AND claimed_at >= %s "
        "AND phone_index IS NULL"
    )
    return int(uow.rows(query, (hex_of(uow.district_id), hex_of(member_id), since))[0][0])


NO_LONGER_EARNS = """
    coalesce(sum(r.eligible_amount), 0)::bigint,
    coalesce(sum(r.amount) FILTER (WHERE r.eligible_amount IS NULL AND r.items IS NULL), 0)::bigint,
    coalesce(sum(r.money_amount) FILTER (WHERE r.eligible_amount IS NULL AND r.items IS NOT NULL), 0)::bigint
"""
"""`eligible`, `by_share` and `by_money` of SoFar, over refunds `r` of a sale."""
_SO_FAR = f"""
    SELECT r.transaction_id, sum(r.amount)::bigint, sum(r.money_amount)::bigint, sum(r.discount_reversed)::bigint,
           sum(r.points_reversed)::bigint, sum(r.merchant_reversed)::bigint, sum(r.points_restored)::bigint,
           {NO_LONGER_EARNS}, coalesce(jsonb_agg(r.items) FILTER (WHERE r.items IS NOT NULL), '[]')
    FROM refunds AS r WHERE r.district_id = %(district)s AND r.transaction_id = ANY(%(sales)s::uuid[])
    GROUP BY r.transaction_id
"""


def ask_so_far(uow: UnitOfWork, sale_ids: Sequence[str]) -> Asked[dict[str, SoFar]]:
    """Sends the question what refunds of sales have given back, for those that have any; call the result for it.

    Lock the sales first.
    """
    cursor = uow.execute(_SO_FAR, {"district": hex_of(uow.district_id), "sales": id_array(sale_ids)})
    return lambda: {
        f"txn_{sale}": SoFar(*sums)._replace(units=units_of(chain.from_iterable(items)))
        for sale, *sums, items in cursor.fetchall()
    }


def count_recorded(uow: UnitOfWork, since: datetime, until: datetime) -> int:
    """How many sales were recorded in a time, by their ids alone, which begin with the millisecond (RFC 9562, 5.7)."""
    first, last = (f"{int(one.timestamp() * 1000):012x}{'0' * 20}" for one in (since, until))
    [(count,)] = uow.rows(_RECORDED, (hex_of(uow.district_id), first, last))
    return int(count)
