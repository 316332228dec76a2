"""Reading of this room."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.foundation.database.local_days import shifts_of_all
from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import Row, UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.pagination import order_of
from app.insights.rules import Figure
from app.transactions import moves

_KEYS = {
    "hour": "to_char(day, 'YYYY-MM-DD') || 'T' || to_char(hour, 'FM00')",
    "day": "to_char(day, 'YYYY-MM-DD')",
    "month": "to_char(day, 'YYYY-MM')",
    "weekday": "extract(isodow FROM day)::text",
    "hour_of_day": "to_char(hour, 'FM00')",
    "store": "'str_' || replace(store_id::text, '-', '')",
    "campaign": "'cam_' || replace(campaign_id::text, '-', '')",
    "merchant": "'mer_' || replace(accepted_by::text, '-', '')",
    "issuer": "CASE WHEN issuer_id = district_id THEN 'district' ELSE 'mer_' || replace(issuer_id::text, '-', '') END",
}
_TABLES = {
    "stores": "store_days",
    "campaigns": "campaign_days",
    "flows": "(SELECT * FROM point_flows WHERE accepted_by <> district_id)",
    "days": "district_days",
    "members": "(SELECT district_id, last_on AS day FROM member_facts)",
    "held": "district_days",
}
_SUMS = """
    SELECT {key}, sum({above})::bigint, sum({below})::bigint, {members}::bigint FROM {table} AS s
    WHERE district_id = %(district)s AND day >= %(first)s AND day <= %(last)s{own}
    GROUP BY 1 ORDER BY 1
"""
_OWN = {"stores": "store_id", "campaigns": "campaign_id"}
_ENDING = """
    SELECT ends_at, points FROM point_ends
    WHERE district_id = %(district)s AND ends_at > %(since)s AND ends_at <= %(until)s AND points <> 0 ORDER BY ends_at
"""
_HELD_BEFORE = "SELECT coalesce(sum(points_change), 0)::bigint FROM district_days WHERE district_id = %s AND day < %s"


class Sums(NamedTuple):
    """Of a figure: its numerator and denominator (None where it has none), and how many sales of members it is of."""

    above: int
    below: int | None
    member_sales: int

    def plus(self, other: Sums) -> Sums:
        """Both together."""
        below = None if self.below is None or other.below is None else self.below + other.below
        return Sums(self.above + other.above, below, self.member_sales + other.member_sales)


def version(uow: UnitOfWork) -> int | None:
    """Of the district's read models; None where nothing has been counted yet."""
    rows = uow.rows("SELECT version FROM read_models WHERE district_id = %s", (hex_of(uow.district_id),))
    return rows[0][0] if rows else None


def sums(
    uow: UnitOfWork, figure: Figure, source: str, by: str, first: date, last: date, own: Collection[str] | None
) -> dict[str, Sums]:
    """What a figure is made of, by a group, from one local day to another; of some stores or campaigns, or (None) of all."""
    of = figure.sources[source]
    is_by_hour = "hour" in by or "hour" in of.above
    query = _SUMS.format(
        key=_KEYS[by],
        above=of.above,
        below=of.below or "NULL::bigint",
        members="sum(member_sales)" if source == "stores" else "0",
        table="store_hours" if is_by_hour else _TABLES[source],
        own="" if own is None else f" AND {_OWN[source]} = ANY(%(own)s::uuid[])",
    )
    values = {"district": hex_of(uow.district_id), "first": first, "last": last}
    if own is not None:
        values["own"] = id_array(sorted(own))
    return {key: Sums(*more) for key, *more in uow.rows(query, values)}


def ending(uow: UnitOfWork, since: datetime, until: datetime) -> list[tuple[datetime, int]]:
    """Points that members hold and that end after an instant and up to another, by when they do."""
    return [
        (ends_at, points)
        for ends_at, points in uow.rows(_ENDING, {"district": hex_of(uow.district_id), "since": since, "until": until})
    ]


def held_before(uow: UnitOfWork, day: date) -> int:
    """Points that members held when a local day began."""
    [(points,)] = uow.rows(_HELD_BEFORE, (hex_of(uow.district_id), day))
    return int(points)


class Trade(NamedTuple):
    """What was sold less what was refunded since, in minor units, points and numbers of sales and coupons."""

    sales: int = 0
    net_amount: int = 0
    member_sales: int = 0
    member_net_amount: int = 0
    points_earned: int = 0
    points_spent: int = 0
    coupons_redeemed: int = 0

    def plus(self, other: Trade) -> Trade:
        """Both together."""
        return Trade(*(one + more for one, more in zip(self, other, strict=True)))


_TRADE = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in Trade._fields)
_TRADE_BY = f"""
    SELECT {{key}}, {_TRADE} FROM store_days
    WHERE district_id = %(district)s AND day >= %(first)s AND day <= %(last)s{{own}} GROUP BY 1
"""
_TRADE_BEFORE = (
    f"SELECT {_TRADE} FROM store_hours WHERE district_id = %(district)s AND day = %(day)s AND hour < %(hour)s{{own}}"
)
_JOINED = "SELECT day, enrolled FROM district_days WHERE district_id = %s AND day >= %s AND day <= %s"


def trade_by_day(uow: UnitOfWork, first: date, last: date, own: Collection[str] | None) -> dict[date, Trade]:
    """What some stores, or (None) all, sold on local days."""
    return {
        day: Trade(*sums) for day, *sums in _trade(uow, _TRADE_BY.format(key="day", own=_among(own)), own, first, last)
    }


def trade_by_store(uow: UnitOfWork, first: date, last: date, own: Collection[str] | None) -> dict[str, Trade]:
    """The same by store."""
    query = _TRADE_BY.format(key="store_id", own=_among(own))
    return {f"str_{store}": Trade(*sums) for store, *sums in _trade(uow, query, own, first, last)}


def net_by_merchant(uow: UnitOfWork, first: date, last: date, merchant_of: Mapping[str, str]) -> dict[str, int]:
    """What merchants, by their stores, sold on local days less what went back."""
    net: dict[str, int] = dict.fromkeys(merchant_of.values(), 0)
    for store_id, trade in trade_by_store(uow, first, last, list(merchant_of)).items():
        net[merchant_of[store_id]] += trade.net_amount
    return net


def _trade(uow: UnitOfWork, query: str, own: Collection[str] | None, first: date, last: date) -> list[Row]:
    return uow.rows(query, {**_own_values(uow, own), "first": first, "last": last})


def trade_until(uow: UnitOfWork, at: datetime, stores: Collection[str], own: Collection[str] | None) -> Trade:
    """What was sold on a local day until an instant of it, in local time; the hour that runs then is read from the sales."""
    values = {**_own_values(uow, own), "day": at.date(), "hour": at.hour}
    [hours] = uow.rows(_TRADE_BEFORE.format(own=_among(own)), values)
    assert isinstance(at.tzinfo, ZoneInfo)
    [partly] = uow.rows(
        moves.PARTLY_COUNTED,
        {
            "district": hex_of(uow.district_id),
            "stores": id_array(sorted(stores)),
            "since": at.replace(minute=0, second=0, microsecond=0),
            "until": at,
            **shifts_of_all(at.tzinfo, uow.now.date()),
        },
    )
    found = dict(zip(moves.TOTALS, partly, strict=True))
    return Trade(*hours).plus(Trade(*(found[name] for name in Trade._fields)))


def joined_by_day(uow: UnitOfWork, first: date, last: date) -> dict[date, int]:
    """How many became members of the district on local days."""
    return dict(uow.rows(_JOINED, (hex_of(uow.district_id), first, last)))


def last_sales(uow: UnitOfWork, stores: Collection[str]) -> dict[str, datetime | None]:
    """When each of some stores sold last; None where it never did."""
    values = {"district": hex_of(uow.district_id), "stores": id_array(sorted(stores))}
    return {f"str_{store}": at for store, at in uow.rows(moves.LAST_SALES, values)}


_MEMBERS_BY_LAST = """
    SELECT member_id, last_on FROM member_facts AS f
    WHERE district_id = %(district)s AND last_on IS NOT NULL {cursor} ORDER BY last_on {way}, member_id {way} LIMIT %(limit)s
"""
_AFTER_CURSOR = """
    AND (last_on, member_id) {than} (
        (SELECT c.last_on FROM member_facts AS c WHERE c.district_id = %(district)s AND c.member_id = %(cursor)s),
        %(cursor)s::uuid
    )
"""


def members_by_last_purchase(uow: UnitOfWork, page: Mapping[str, Any], limit: int) -> list[tuple[str, date]]:
    """Members who have bought something and the local day of their last purchase, in the order of a page; one more than `limit`."""
    order = order_of(page)
    way, than = ("ASC", ">") if order.is_rising else ("DESC", "<")
    query = _MEMBERS_BY_LAST.format(cursor=_AFTER_CURSOR.format(than=than) if order.cursor else "", way=way)
    values = {
        "district": hex_of(uow.district_id),
        "cursor": order.cursor and hex_of(order.cursor),
        "limit": limit + 1,
    }
    return [(f"mem_{member}", last) for member, last in uow.rows(query, values)]


def last_purchases(uow: UnitOfWork, member_ids: Collection[str]) -> dict[str, date]:
    """The local day of the last purchase of those of some members who have bought something."""
    query = "SELECT member_id, last_on FROM member_facts WHERE district_id = %s AND member_id = ANY(%s::uuid[]) AND last_on IS NOT NULL"
    rows = uow.rows(query, (hex_of(uow.district_id), id_array(sorted(member_ids))))
    return {f"mem_{member}": last for member, last in rows}


def _among(own: Collection[str] | None) -> str:
    return "" if own is None else " AND store_id = ANY(%(own)s::uuid[])"


def _own_values(uow: UnitOfWork, own: Collection[str] | None) -> dict[str, Any]:
    values: dict[str, Any] = {"district": hex_of(uow.district_id)}
    return values if own is None else {**values, "own": id_array(sorted(own))}
