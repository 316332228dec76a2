"""Which statements are to be paid, and what was paid since they were closed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from app.districts import queries as districts
from app.foundation.clock import start_of_day
from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.payments.queries import BOOKED
from app.settlement import queries
from app.settlement.models import SettlementPeriod, StatementRow
from app.settlement.queries import InForce
from app.settlement.rules import Party

_SINCE = f"""
    SELECT b.party_kind, b.party_id, sum(b.amount)::bigint FROM ({BOOKED}) AS b
    LEFT JOIN settled_journals AS s ON s.district_id = %(district)s AND s.journal_id = b.journal_id
    LEFT JOIN settlement_periods AS p ON p.district_id = s.district_id AND p.id = s.period_id
    WHERE b.account <> 'deposit' AND (p.number IS NULL OR p.number > %(number)s) AND b.party_id = ANY(%(parties)s::uuid[])
    GROUP BY 1, 2
"""


class PayableStatement(NamedTuple):
    """The newest statement of a party that nobody can dispute any more, and the terms of its period."""

    row: StatementRow
    number: int
    least: int
    due_on: date


def settled_statements(uow: UnitOfWork) -> list[PayableStatement]:
    """Of each party the newest statement whose time to be disputed is over."""
    query = (
        select(StatementRow, SettlementPeriod)
        .join(
            SettlementPeriod,
            (SettlementPeriod.district_id == uow.district_id) & (SettlementPeriod.id == StatementRow.period_id),
        )
        .where(StatementRow.district_id == uow.district_id, StatementRow.dispute_until <= uow.now)
        .ext(distinct_on(StatementRow.party_kind, StatementRow.party_id))
        .order_by(StatementRow.party_kind, StatementRow.party_id, SettlementPeriod.number.desc())
    )
    known, zone = InForce(uow), ZoneInfo(districts.district(uow).time_zone)
    return [_payable(row, period, known, zone) for row, period in uow.session.execute(query)]


def _payable(row: StatementRow, period: SettlementPeriod, known: InForce, zone: ZoneInfo) -> PayableStatement:
    terms = known.at(period.starts_at)
    assert row.issued_at is not None, "what can't be disputed any more was issued"
    due_on = row.issued_at.astimezone(zone).date() + timedelta(days=terms.payment_days)
    least = 0 if row.is_final else terms.least_payment
    return PayableStatement(row, period.number, least, due_on)


def paid_since(uow: UnitOfWork, number: int, statements: Collection[StatementRow]) -> dict[Party, int]:
    """What was paid by parties, less what was paid to them, that their statements of a period don't have."""
    values = {
        "district": hex_of(uow.district_id),
        "number": number,
        "parties": id_array([row.party_id for row in statements]),
    }
    return {queries.party_named(kind, f"pty_{party}"): amount for kind, party, amount in uow.rows(_SINCE, values)}


def next_at(uow: UnitOfWork) -> datetime | None:
    """When statements can't be disputed any more, or their last day of payment comes."""
    zone, known = ZoneInfo(districts.district(uow).time_zone), InForce(uow)
    query = (
        select(StatementRow.dispute_until, StatementRow.issued_at, SettlementPeriod.starts_at)
        .join(
            SettlementPeriod,
            (SettlementPeriod.district_id == uow.district_id) & (SettlementPeriod.id == StatementRow.period_id),
        )
        .where(StatementRow.district_id == uow.district_id, StatementRow.issued_at.is_not(None))
        .distinct()
        .order_by(SettlementPeriod.starts_at.desc())
        .limit(8)
    )
    moments: list[datetime] = []
    for until, issued_at, starts_at in uow.session.execute(query):
        assert until is not None and issued_at is not None, "both come with the statement"
        day = issued_at.astimezone(zone).date() + timedelta(days=known.at(starts_at).payment_days)
        moments += [until, start_of_day(day, zone)]
    return min((at for at in moments if at > uow.now), default=None)
