"""`/v1/cases`."""

from __future__ import annotations

from typing import Any

from app.care.cases import answers, queries, schemas, services
from app.care.cases.errors import CaseIsOpen, CaseIsOver
from app.care.cases.models import Case
from app.care.cases.present import page_of_cases, show_case
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import SHOPPER, Call, Routes

cases = Routes("cases", __name__, url_prefix="/v1/cases")
ROOMS = (cases,)


def _show_again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_case(uow, queries.find_case(uow, stored["id"]))


def _shown(uow: UnitOfWork, case: Case, status: int = 200) -> Answer:
    return Answer(show_case(uow, case), status, stored={"id": case.id})


@cases.serve(
    "POST",
    "",
    scope=SHOPPER,
    body=schemas.CaseBody(),
    answers={201: answers.CASE},
    problems=(CaseIsOpen,),
    replay=_show_again,
    audit="case.opened",
)
def open_case(uow: UnitOfWork, call: Call) -> Answer:
    """Complain of a purchase of one's own; one complaint of each at a time."""
    return _shown(uow, services.open_case(uow, **call.body), 201)


@cases.serve(
    "GET",
    "",
    scope="members:read",
    query=schemas.CASES,
    answers={200: answers.CASES},
    audit="cases.read",
    shopper=True,
)
def list_cases(uow: UnitOfWork, call: Call) -> Answer:
    """List complaints, newest first: a member's own, a merchant's about its sales, all for the alliance."""
    return Answer(page_of_cases(uow, call.query))


@cases.serve(
    "GET", "/<cas:case_id>", scope="members:read", answers={200: answers.CASE}, audit="case.read", shopper=True
)
def get_case(uow: UnitOfWork, call: Call, case_id: str) -> Answer:
    """Read a complaint."""
    return Answer(show_case(uow, queries.find_case(uow, case_id)))


@cases.serve(
    "POST",
    "/<cas:case_id>/answer",
    scope="members:write",
    body=schemas.AnswerBody(),
    answers={200: answers.CASE},
    problems=(CaseIsOver,),
    replay=_show_again,
    audit="case.answered",
)
def answer_case(uow: UnitOfWork, call: Call, case_id: str) -> Answer:
    """Answer a complaint, once; its shopper reads it. A correction of points or a refund is made apart."""
    return _shown(uow, services.answer_case(uow, case_id, call.body["answer"]))


@cases.serve(
    "POST",
    "/<cas:case_id>/withdraw",
    scope=SHOPPER,
    answers={200: answers.CASE},
    problems=(CaseIsOver,),
    replay=_show_again,
    audit="case.withdrawn",
)
def withdraw_case(uow: UnitOfWork, call: Call, case_id: str) -> Answer:
    """Withdraw one's own complaint while it is open."""
    return _shown(uow, services.withdraw_case(uow, case_id))
