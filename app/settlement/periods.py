"""Periods: local calendar months or weeks, one after another without a gap, from the first day of the first terms."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.districts import queries as districts
from app.foundation.clock import start_of_day
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import new_id
from app.settlement import queries
from app.settlement.models import SettlementPeriod
from app.settlement.queries import InForce
from app.settlement.rules import next_boundary


def open_due(uow: UnitOfWork) -> int:
    """Opens the periods that have begun; says how many. Twice does no harm."""
    known = InForce(uow)
    zone = ZoneInfo(districts.district(uow).time_zone)
    last, opened = queries.last_period(uow), 0
    while (begins := _next_day(known, last)) is not None and start_of_day(begins, zone) <= uow.now:
        last = _period(uow, known, last, begins, zone)
        uow.session.add(last)
        opened += 1
    uow.session.flush()
    return opened


def _next_day(known: InForce, last: SettlementPeriod | None) -> date | None:
    """The first day of the period that comes next; None before there are terms."""
    if last is not None:
        return last.ends_on + timedelta(days=1)
    return known.rows[0].effective_from if known.rows else None


def _period(
    uow: UnitOfWork, known: InForce, last: SettlementPeriod | None, begins: date, zone: ZoneInfo
) -> SettlementPeriod:
    terms, starts_at = known.at(start_of_day(begins, zone)), start_of_day(begins, zone)
    after = next_boundary(begins, terms.period)
    return SettlementPeriod(
        district_id=uow.district_id,
        id=new_id("per"),
        number=1 if last is None else last.number + 1,
        starts_on=begins,
        ends_on=after - timedelta(days=1),
        starts_at=starts_at,
        ends_at=start_of_day(after, zone),
        terms_version=terms.version,
        status="open",
    )


def next_at(uow: UnitOfWork) -> datetime | None:
    """When the next period begins."""
    begins = _next_day(InForce(uow), queries.last_period(uow))
    return None if begins is None else start_of_day(begins, ZoneInfo(districts.district(uow).time_zone))
