"""How a merchant leaves: no more awards after a day, points and coupons taken until another, refunds for the days of the terms,
then a final statement, against which its deposit is set off. Its points stay good, since the pool holds their issue price.

What is booked later, and what it can't pay, goes to the district: as a line that brings its balance back to 0.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.districts import queries as districts
from app.foundation.clock import end_of_day
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.problems import NotFound, ValidationFailed
from app.foundation.tenancy import system_principal
from app.ledger import queries as ledger
from app.ledger import services as ledger_services
from app.ledger.rules import Journal, Transfer, account_id
from app.settlement import queries as core
from app.settlement.accounts import limits, queries
from app.settlement.accounts.deposits import set_off
from app.settlement.accounts.errors import ExitNotSettled, MerchantHasLeft
from app.settlement.accounts.events import MerchantExitAnnounced, MerchantExitEnded
from app.settlement.accounts.models import MerchantExit
from app.settlement.accounts.services import held_account
from app.settlement.closing import ASSET, account_of
from app.settlement.events import SettlementPeriodClosed
from app.settlement.models import SettlementPeriod
from app.settlement.present import show_statement
from app.settlement.queries import InForce
from app.settlement.rules import Party
from app.settlement.terms import MOST_DAYS

USUAL_DAYS = 90
"""Of refunds, where no terms say how many."""


def announce(uow: UnitOfWork, merchant_id: str, *, last_award_on: date, last_accept_on: date) -> MerchantExit:
    """Says when a merchant leaves; again, with other days, while its final statement hasn't been issued.

    Raises NotFound, ValidationFailed, MerchantHasLeft.
    """
    account = held_account(uow, merchant_id)
    zone = ZoneInfo(districts.district(uow).time_zone)
    _check_days(uow.now.astimezone(zone).date(), last_award_on, last_accept_on)
    known, row = InForce(uow), queries.find_exit(uow, merchant_id)
    if row is not None and row.final_statement_id is not None:
        raise MerchantHasLeft
    if row is None:
        row = MerchantExit(district_id=uow.district_id, merchant_id=merchant_id, announced_at=uow.now)
        uow.session.add(row)
    days = known.at(uow.now).exit_days if known.rows else USUAL_DAYS
    row.last_award_on, row.last_accept_on = last_award_on, last_accept_on
    row.awards_until, row.accepts_until = end_of_day(last_award_on, zone), end_of_day(last_accept_on, zone)
    row.refunds_until = end_of_day(last_accept_on + timedelta(days=days), zone)
    uow.session.flush()
    limits.put(uow, account, row)
    uow.emit(MerchantExitAnnounced(merchant_id, last_award_on.isoformat(), last_accept_on.isoformat()))
    return row


def _check_days(today: date, last_award_on: date, last_accept_on: date) -> None:
    if last_award_on < today:
        raise ValidationFailed.at("/last_award_on", "out-of-range", _l("Today is the earliest day."))
    if last_accept_on < last_award_on:
        words = _l("Points are taken at least as long as they are given.")
        raise ValidationFailed.at("/last_accept_on", "out-of-range", words)
    if (last_accept_on - today).days > MOST_DAYS:
        raise ValidationFailed.at(
            "/last_accept_on", "out-of-range", _l("At most %(days)s days from now.", days=MOST_DAYS)
        )


def leaving_in(uow: UnitOfWork, period: SettlementPeriod) -> Collection[Party]:
    """Whose statement of a period that is being closed is its final one."""
    return [Party("merchant", one.merchant_id) for one in queries.exits_due(uow, period.ends_at)]


def note_final(uow: UnitOfWork, events: Sequence[SettlementPeriodClosed]) -> None:
    """Keeps which statement was the final one of each that leaves."""
    for event in events:
        period = core.find_period(uow, event.period_id)
        issued = core.statements_of(uow, period.id)
        for row in queries.exits_due(uow, period.ends_at):
            row.final_statement_id = issued[Party("merchant", row.merchant_id)].id


def settle(district_id: str) -> int:
    """Sets deposits off against final statements that are approved, and takes over what is booked later; says of how many."""
    with unit_of_work(system_principal(district_id)) as uow:
        return sum(_settle(uow, row.merchant_id) for row in queries.exits_to_settle(uow))


def _settle(uow: UnitOfWork, merchant_id: str) -> bool:
    account, row = held_account(uow, merchant_id), queries.find_exit(uow, merchant_id)
    assert row is not None, "it has just been found"
    if row.ended_at is not None:
        return _take_over(uow, row)
    final = _final(uow, row)
    if not final.is_approved:
        return False
    owed = max(0, -balance_of(uow, merchant_id) - final.held)
    amount = min(owed, account.deposit)
    if amount:
        set_off(uow, account, amount)
    return _end_if_even(uow, row) or amount > 0


class _Final(NamedTuple):
    """What of a final statement decides whether it can be settled."""

    is_approved: bool
    held: int


def _final(uow: UnitOfWork, row: MerchantExit) -> _Final:
    if row.final_statement_id is None:
        raise ExitNotSettled
    shown = show_statement(uow, core.find_statement(uow, row.final_statement_id))
    return _Final(shown["status"] == "approved", shown["held"])


def balance_of(uow: UnitOfWork, merchant_id: str) -> int:
    """What stands on a merchant's account: closings, and what was paid or set off since."""
    return ledger.balance_of(uow, account_id(*account_of(Party("merchant", merchant_id), uow.district_id)))


def _end_if_even(uow: UnitOfWork, row: MerchantExit) -> bool:
    if balance_of(uow, row.merchant_id):
        return False
    _end(uow, row)
    return True


def _end(uow: UnitOfWork, row: MerchantExit, *, written_off: int = 0) -> None:
    last = core.last_closed(uow)
    assert last is not None, "a final statement was issued"
    row.ended_at, row.taken_period_id, row.written_off = uow.now, last.id, written_off
    uow.emit(MerchantExitEnded(row.merchant_id, row.written_off))


def _take_over(uow: UnitOfWork, row: MerchantExit) -> bool:
    """Later items go to the district: what a period that was closed since brought the merchant, once for each."""
    last = core.last_closed(uow)
    if last is None or last.id == row.taken_period_id:
        return False
    row.taken_period_id = last.id
    own = core.statements_of(uow, last.id).get(Party("merchant", row.merchant_id))
    if own is None or not own.closing:
        return False
    _move_to_district(uow, row.merchant_id, -own.closing)
    return True


def _move_to_district(uow: UnitOfWork, merchant_id: str, amount: int) -> None:
    """Brings a merchant's balance an amount (below 0: takes it), and the district the opposite, in the open period."""
    own, district = (ASSET, "taken_over", merchant_id), (ASSET, "taken_over", uow.district_id)
    ledger_services.open_accounts(uow, [own, district])
    debit, credit = (district, own) if amount > 0 else (own, district)
    journal = Journal(new_id("jou"), "take-over", uow.principal.id, uow.now)
    sides = account_id(*debit), account_id(*credit)
    ledger_services.post(uow, [journal], [Transfer(journal.id, 0, ASSET, *sides, abs(amount), "take-over")])


def write_off(uow: UnitOfWork, merchant_id: str) -> MerchantExit:
    """The district bears what a merchant that has left still owes beyond its deposit; again changes nothing.

    Raises NotFound, ExitNotSettled while its final statement isn't approved, something is held, or its deposit isn't used.
    """
    account, row = held_account(uow, merchant_id), queries.find_exit(uow, merchant_id)
    if row is None:
        raise NotFound
    if row.ended_at is not None:
        return row
    final, balance = _final(uow, row), balance_of(uow, merchant_id)
    if not final.is_approved or final.held or account.deposit or balance >= 0:
        raise ExitNotSettled
    _move_to_district(uow, merchant_id, -balance)
    _end(uow, row, written_off=-balance)
    return row
