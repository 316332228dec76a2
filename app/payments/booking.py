"""Money that has moved, or come back, in the ledger: between the district's account at a provider and the party's."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.districts import queries as districts
from app.foundation.clock import start_of_day
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import new_id
from app.ledger import services as ledger
from app.ledger.rules import Journal, Transfer, account_id
from app.payments.models import PaymentRow
from app.payments.queries import party_of
from app.payments.rules import clearing_of

ASSET = "money"


class MovedMoney(NamedTuple):
    """What an attempt has moved: through which provider, how much (minor units), on which day."""

    provider: str
    amount: int
    booked_on: date


def today(uow: UnitOfWork) -> date:
    """The local day."""
    return uow.now.astimezone(_zone(uow)).date()


def _zone(uow: UnitOfWork) -> ZoneInfo:
    return ZoneInfo(districts.district(uow).time_zone)


def book(uow: UnitOfWork, row: PaymentRow, moved: MovedMoney) -> str:
    """Posts what an attempt has moved; gives the journal's id."""
    return _post(uow, row, moved, f"pay-{row.direction}", is_in=row.direction == "in")


def book_back(uow: UnitOfWork, row: PaymentRow, moved: MovedMoney) -> str:
    """Posts its return: the same the other way round."""
    return _post(uow, row, moved, f"pay-{row.direction}-back", is_in=row.direction == "out")


def _post(uow: UnitOfWork, row: PaymentRow, moved: MovedMoney, code: str, *, is_in: bool) -> str:
    party = party_of(row)
    clearing, own = (ASSET, clearing_of(moved.provider), uow.district_id), (ASSET, party.account, party.id)
    ledger.open_accounts(uow, [clearing, own])
    sides = account_id(*clearing), account_id(*own)
    debit, credit = sides if is_in else sides[::-1]
    journal = Journal(
        new_id("jou"), "payment", uow.principal.id, min(uow.now, start_of_day(moved.booked_on, _zone(uow)))
    )
    ledger.post(uow, [journal], [Transfer(journal.id, 0, ASSET, debit, credit, moved.amount, code, row.id)])
    return journal.id
