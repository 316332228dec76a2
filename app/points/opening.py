"""What members bring along from another programme: opening balances, at the cost of the district or of a merchant.

Each is an adjustment that names the programme. A member has one of each programme, however often a list of them comes;
what is taken back by a reversing adjustment may be brought again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from app.foundation.database.unit_of_work import UnitOfWork
from app.ledger.rules import Journal
from app.points.adjusting import adjustment, end_of_today
from app.points.events import PointsAdjusted
from app.points.purses import queries as purses
from app.points.purses.models import Adjustment
from app.points.purses.posting import Posting


class OpeningBalance(NamedTuple):
    """Points above 0 that a member brings; `merchant_id` pays for them, or else the district."""

    member_id: str
    points: int
    merchant_id: str | None


def open_balances(uow: UnitOfWork, openings: Sequence[OpeningBalance], programme: str, reason: str) -> list[str | None]:
    """Gives members what they bring; the adjustment's id, or None for who has brought of this programme, or has left.

    Points pay what is owed first, and end as if earned today. Locks: balances by member.
    """
    balances = purses.ask_balances(uow, {one.member_id for one in openings})()
    brought = purses.openings_of(uow, {one.member_id for one in balances.values()}, programme)
    posting, end = Posting(uow, balances), end_of_today(uow)
    made: list[str | None] = []
    for opening in openings:
        balance = balances.get(opening.member_id)
        if balance is None or balance.is_erased or balance.member_id in brought:
            made.append(None)
            continue
        brought.add(balance.member_id)
        of = {"merchant_id": opening.merchant_id, "opening_of": programme}
        row = adjustment(uow, balance.member_id, opening.points, reason, **of)
        _post(uow, posting, row)
        posting.adjust(row.id, row.member_id, row.points, end, row.merchant_id)
        made.append(row.id)
    posting.write()
    return made


def take_back(uow: UnitOfWork, adjustment_ids: Collection[str], reason: str) -> dict[str, int]:
    """Takes back of opening balances what is still spendable; the points of each, 0 where nothing is or it was done before."""
    rows = [one for one in purses.adjustments_by_id(uow, adjustment_ids) if one.points > 0]
    balances = purses.ask_balances(uow, {one.member_id for one in rows})()
    reversed_before = purses.reversed_of(uow, [one.id for one in rows])
    lots = purses.ask_spendable_lots(uow, {one.member_id for one in balances.values()})()
    posting = Posting(uow, balances, lots)
    taken = dict.fromkeys(adjustment_ids, 0)
    for row in rows:
        balance = balances.get(row.member_id)
        points = 0 if balance is None or balance.is_erased else min(row.points, balance.spendable)
        if balance is None or not points or row.id in reversed_before:
            continue
        of = {"merchant_id": row.merchant_id, "reverses_id": row.id}
        back = adjustment(uow, balance.member_id, -points, reason, **of)
        _post(uow, posting, back)
        posting.adjust(back.id, back.member_id, back.points, None, back.merchant_id)
        taken[row.id] = points
    posting.write()
    return taken


def _post(uow: UnitOfWork, posting: Posting, row: Adjustment) -> None:
    uow.session.add(row)
    posting.open_journal(Journal(row.id, "adjustment", row.principal_id, uow.now))
    uow.emit(PointsAdjusted(row.id, row.member_id, row.points))
