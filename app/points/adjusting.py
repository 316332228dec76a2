"""Points given or taken by hand, with a reason and at the district's cost."""

from __future__ import annotations

from datetime import datetime

from app.districts.queries import directory
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.problems import NotFound, ValidationFailed
from app.ledger.rules import Journal
from app.points.events import PointsAdjusted
from app.points.programme import queries as programme
from app.points.purses import lifetimes as expiry
from app.points.purses import queries as purses
from app.points.purses.balance import Balance
from app.points.purses.models import Adjustment
from app.points.purses.posting import Posting


def adjust(uow: UnitOfWork, member_id: str, *, points: int, reason: str) -> tuple[Adjustment, Balance]:
    """Gives points, which pay what is owed first, or takes some below 0 in the order of spending.

    What is given ends as if earned today. Raises NotFound, also for one that has left, and ValidationFailed beyond what is spendable.
    """
    balances = purses.ask_balances(uow, [member_id])()
    balance = balances.get(member_id)
    if balance is None or balance.is_erased:
        raise NotFound
    member_id = balance.member_id  # the survivor's, where it was merged just now
    if balance.spendable + points < 0:
        raise ValidationFailed.at(
            "/points", "not-enough-points", _l("%(spendable)s points can be taken.", spendable=balance.spendable)
        )
    lots = purses.ask_spendable_lots(uow, [member_id])() if points < 0 else ()
    row = adjustment(uow, member_id, points, reason)
    uow.session.add(row)
    posting = Posting(uow, balances, lots)
    posting.open_journal(Journal(row.id, "adjustment", uow.principal.id, uow.now))
    posting.adjust(row.id, member_id, points, end_of_today(uow))
    posting.write()
    uow.emit(PointsAdjusted(row.id, member_id, points))
    return row, balance


def adjustment(uow: UnitOfWork, member_id: str, points: int, reason: str, **more: str | None) -> Adjustment:
    """The row of an adjustment, by whoever acts."""
    return Adjustment(
        district_id=uow.district_id,
        id=new_id("adj"),
        member_id=member_id,
        points=points,
        reason=reason,
        principal_id=uow.principal.id,
        recorded_at=uow.now,
        **more,
    )


def end_of_today(uow: UnitOfWork) -> datetime | None:
    """When points end that are earned today."""
    zone = directory(uow).zone
    return expiry.expires_at(uow.now.astimezone(zone).date(), programme.programme(uow).expiry, zone)
