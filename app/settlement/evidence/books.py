"""Reading the books of a closed period: its movements by day, code and account, and what stood before and after it."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from app.districts import queries as districts
from app.foundation.database.local_days import local_day, shifts_of_all, with_shift
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.ledger.queries import ENTRIES
from app.settlement.evidence.bookkeeping import BookedAccount, Booking, PeriodBooks
from app.settlement.models import SettlementPeriod

_OWNER = "CASE WHEN e.{side}_kind IN ('member', 'owed') THEN NULL ELSE e.{side}_owner_id END"
_DEBTOR, _CREDITOR = _OWNER.format(side="debit"), _OWNER.format(side="credit")
_BOOKINGS = f"""
    SELECT greatest(least({local_day("e.recorded_at")}, %(ends_on)s), %(starts_on)s), e.code, e.asset,
           e.debit_kind, {_DEBTOR}, e.credit_kind, {_CREDITOR}, sum(e.amount)::bigint
    FROM ({ENTRIES}) AS e
    JOIN settled_journals AS s ON s.district_id = %(district)s AND s.journal_id = e.journal_id
    {with_shift("e.recorded_at")}
    WHERE s.period_id = %(period)s GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
"""
_BALANCES = f"""
    WITH sums AS (
        SELECT e.asset, e.debit_kind, {_DEBTOR} AS debtor, e.credit_kind, {_CREDITOR} AS creditor,
               sum(e.amount) FILTER (WHERE p.number < %(number)s) AS before, sum(e.amount) AS amount
        FROM ({ENTRIES}) AS e
        JOIN settled_journals AS s ON s.district_id = %(district)s AND s.journal_id = e.journal_id
        JOIN settlement_periods AS p ON p.district_id = %(district)s AND p.id = s.period_id
        WHERE p.number <= %(number)s GROUP BY 1, 2, 3, 4, 5
    ), sides AS (
        SELECT asset, debit_kind AS kind, debtor AS owner_id, before, amount FROM sums
        UNION ALL SELECT asset, credit_kind, creditor, -before, -amount FROM sums
    )
    SELECT asset, kind, owner_id, coalesce(sum(before), 0)::bigint, sum(amount)::bigint
    FROM sides GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def books_of(uow: UnitOfWork, period: SettlementPeriod) -> PeriodBooks:
    """What stood before a period and after it."""
    opening: dict[BookedAccount, int] = {}
    closing: dict[BookedAccount, int] = {}
    values = {"district": hex_of(uow.district_id), "number": period.number}
    for asset, kind, owner, before, amount in uow.rows(_BALANCES, values):
        account = BookedAccount(asset, kind, owner)
        opening[account], closing[account] = before, amount
    return PeriodBooks(period.number, period.starts_on, period.ends_on, opening, closing)


def bookings(uow: UnitOfWork, period: SettlementPeriod) -> Iterator[Booking]:
    """What a period's journals move, by local day and code. What was recorded outside of its days stands on the nearest."""
    values = {
        "district": hex_of(uow.district_id),
        "period": hex_of(period.id),
        **shifts_of_all(ZoneInfo(districts.district(uow).time_zone), uow.now.date()),
        "starts_on": period.starts_on,
        "ends_on": period.ends_on,
    }
    for day, code, asset, debit, debtor, credit, creditor, amount in uow.rows(_BOOKINGS, values):
        yield Booking(day, code, BookedAccount(asset, debit, debtor), BookedAccount(asset, credit, creditor), amount)
