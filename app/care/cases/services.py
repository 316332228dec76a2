"""Verbs that write cases. Locks: the member before its sale's cases, as all verbs on members do."""

from __future__ import annotations

from limits import RateLimitItemPerDay

from app.care.cases import queries
from app.care.cases.errors import CaseIsOpen, CaseIsOver
from app.care.cases.events import CaseAnswered, CaseOpened, CaseWithdrawn
from app.care.cases.models import Case
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.limits.rate_limit import count_use
from app.foundation.http.limits.windows import Window
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of, new_id
from app.foundation.problems import NotFound
from app.members import services as members
from app.transactions.sales import queries as sales

MOST_A_DAY = RateLimitItemPerDay(20, namespace="cases")
"""Of one member: who withdraws a case and opens it anew shouldn't keep a shop busy."""


def open_case(uow: UnitOfWork, *, transaction_id: str, kind: str, reason: str, description: str | None) -> Case:
    """A member complains of a purchase of its own. Raises NotFound, CaseIsOpen, RateLimited."""
    member = members.lock_present(uow, uow.principal.id)
    sale = sales.records(uow, [transaction_id]).get(transaction_id)
    if sale is None or sale.member_id != member.id:
        raise NotFound.at("/transaction_id", _l("purchase"))
    if queries.is_open(uow, sale.id):
        raise CaseIsOpen
    count_use(Window(MOST_A_DAY, (member.id,)))
    case = Case(
        district_id=uow.district_id,
        id=new_id("cas"),
        kind=kind,
        step="open",
        transaction_id=sale.id,
        merchant_id=sale.merchant_id,
        store_id=sale.store_id,
        member_id=member.id,
        reason=reason,
        description=description,
        opened_at=uow.now,
    )
    uow.session.add(case)
    uow.emit(CaseOpened(case.id, case.transaction_id, case.merchant_id))
    return case


def answer_case(uow: UnitOfWork, case_id: str, answer: str) -> Case:
    """Whoever is answerable for the sale says what is to be said, once. Raises NotFound, CaseIsOver."""
    case = _end(uow, case_id, "answered")
    case.answer = answer
    case.answered_by = "alliance" if uow.principal.is_alliance else "merchant"
    uow.emit(CaseAnswered(case.id, case.transaction_id, case.merchant_id, case.member_id))
    return case


def withdraw_case(uow: UnitOfWork, case_id: str) -> Case:
    """Its member wants no answer any more. Raises NotFound, CaseIsOver."""
    case = _end(uow, case_id, "withdrawn")
    uow.emit(CaseWithdrawn(case.id, case.transaction_id, case.merchant_id))
    return case


def _end(uow: UnitOfWork, case_id: str, step: str) -> Case:
    case = queries.find_case(uow, case_id, lock=True)
    if case.step != "open":
        raise CaseIsOver
    case.step, case.ended_at = step, uow.now
    return case


def forget(uow: UnitOfWork, member_id: str) -> None:
    """Forgets the cases of who has left: they are the person's words."""
    uow.execute(
        "DELETE FROM cases WHERE district_id = %s AND member_id = %s", (hex_of(uow.district_id), hex_of(member_id))
    )
