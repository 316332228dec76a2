"""What goes on: the days up to now against as many before, until the same minute of the day; and shops gone silent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.foundation.clock import start_of_day
from app.foundation.database.unit_of_work import UnitOfWork
from app.insights import queries
from app.insights.queries import Trade
from app.members import queries as members

SPANS = (1, 7, 30)
DAYS_DRAWN = 30
SILENT_AFTER_HOURS = 48
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Overview:
    """The last local days up to `now` (local time), and the same until `then`, the same minute of an earlier day.

    `days`: what was sold on each of the last days; `joined_days`: who joined, where that is kept. `by_store`: of the span.
    """

    first: date
    now: datetime
    then: datetime
    trade: Trade
    trade_then: Trade
    joined: int
    joined_then: int
    days: Mapping[date, Trade]
    joined_days: Mapping[date, int] | None
    by_store: Mapping[str, Trade]


def overview(uow: UnitOfWork, zone: ZoneInfo, over: int, stores: Collection[str]) -> Overview:
    """The last `over` local days, of a merchant's `stores` or, for the alliance, of all.

    One day is compared with the same day of the week before; more of them with as many before.
    """
    merchant = uow.principal.merchant_id
    own = stores if merchant is not None else None
    now = uow.now.astimezone(zone)
    today, first = now.date(), now.date() - timedelta(days=over - 1)
    back = timedelta(days=max(over, _WEEK))
    then = datetime.combine(today - back, now.time(), zone)
    days = queries.trade_by_day(uow, min(first - back, today - timedelta(days=DAYS_DRAWN - 1)), today, own)
    trade_then = _sum(days, first - back, then.date() - timedelta(days=1)).plus(
        queries.trade_until(uow, then, stores, own)
    )
    spans = [(start_of_day(first, zone), now), (start_of_day(first - back, zone), then)]
    joined, joined_then = members.joined_between(uow, spans, merchant)
    return Overview(
        first,
        now,
        then,
        _sum(days, first, today),
        trade_then,
        joined,
        joined_then,
        days,
        queries.joined_by_day(uow, today - timedelta(days=DAYS_DRAWN - 1), today) if merchant is None else None,
        queries.trade_by_store(uow, first, today, own),
    )


def is_silent(last: datetime | None, now: datetime, hours: int = SILENT_AFTER_HOURS) -> bool:
    """Whether a shop that has sold before (`last`) hasn't for some hours."""
    return last is not None and now - last >= timedelta(hours=hours)


def _sum(days: Mapping[date, Trade], first: date, last: date) -> Trade:
    total = Trade()
    for day, trade in days.items():
        if first <= day <= last:
            total = total.plus(trade)
    return total
