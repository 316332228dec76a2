"""The only table of event -> subscribers, who react in the commit of what they react to; and the timetable of jobs."""

from __future__ import annotations

from app.districts.events import DistrictCreated, MerchantCreated
from app.districts.tasks import forget_old_answers
from app.foundation.outbox import IN_COMMIT
from app.foundation.queue import Timetable
from app.foundation.tasks import add_outbox_days
from app.foundation.unit_of_work import UnitOfWork
from app.members.events import MemberEnrolled
from app.points import services as points
from app.transactions import services as transactions

TIMETABLE: Timetable = ((add_outbox_days, "10 * * * *"), (forget_old_answers, "40 * * * *"))


def _start_programme(uow: UnitOfWork, event: DistrictCreated) -> None:
    points.start_programme(uow, event.district_id)


def _open_merchant_accounts(uow: UnitOfWork, event: MerchantCreated) -> None:
    points.open_merchant_accounts(uow, event.merchant_id)


def _open_purse(uow: UnitOfWork, event: MemberEnrolled) -> None:
    points.open_purse(uow, event.member_id)


def connect() -> None:
    """Fills the table; the order within a line is the order of the reactions."""
    IN_COMMIT[DistrictCreated] = [_start_programme]
    IN_COMMIT[MerchantCreated] = [_open_merchant_accounts]
    IN_COMMIT[MemberEnrolled] = [_open_purse, transactions.credit_waiting_sales]
