"""Who leaves owing points and comes back by that phone within a year owes them again (docs/ledger.md)."""

from __future__ import annotations

from collections.abc import Mapping

from app.foundation.ids import new_id
from app.foundation.unit_of_work import UnitOfWork
from app.ledger.rules import Journal, account_id
from app.points.events import DebtReturned
from app.points.purses import queries
from app.points.purses.posting import ASSET, Posting


def owe_again(uow: UnitOfWork, owed: Mapping[str, int]) -> None:
    """Lets members who are back owe what they owed when they left: what erasure wrote off as an adjustment is posted back."""
    if not owed:
        return
    posting = Posting(uow, queries.ask_balances(uow, owed)())
    adjustment = account_id(ASSET, "adjustment", uow.district_id)
    for member_id, points in owed.items():
        journal = Journal(new_id("dbt"), "return", uow.principal.id, uow.now)
        posting.open_journal(journal)
        posting.owe(journal.id, member_id, points, adjustment)
    posting.write()
    uow.emit(*(DebtReturned(member_id, points) for member_id, points in owed.items()))
