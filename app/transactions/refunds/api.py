"""`/v1/refunds`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.batches import BatchOf, result
from app.foundation.http.routing import Call, Routes, needs_shift
from app.foundation.problems import DomainError, told_again
from app.transactions import answers, configuration, schemas
from app.transactions.errors import RefundReferenceConflict, RefundWay, SaleNotRecordedYet
from app.transactions.refunds import desk, queries
from app.transactions.refunds.desk import Outcome
from app.transactions.refunds.present import page_of_refunds, show_refund, show_refund_rows

refunds = Routes("refunds", __name__, url_prefix="/v1/refunds")
ROOMS = (refunds,)


def _to_store(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, DomainError):
        return {"problem": outcome.as_kept()}
    return {"refund_id": outcome.refund.id, "status": outcome.status, "balance": outcome.balance}


def _shown(uow: UnitOfWork, outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Bodies of outcomes of this unit of work, which has read the configuration already."""
    settings = configuration.remembered(uow.district_id) or configuration.current(uow)
    return [
        one.as_problem("")
        if isinstance(one, DomainError)
        else show_refund(one.refund, uow.principal, currency=settings.directory.currency, balance=one.balance)
        for one in outcomes
    ]


def _answers(uow: UnitOfWork, stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bodies of what was kept of outcomes, with the balances of then."""
    currency = configuration.current(uow).directory.currency
    found = queries.refunds(uow, [one["refund_id"] for one in stored if "refund_id" in one])
    return [
        told_again(one["problem"])
        if "problem" in one
        else show_refund(found[one["refund_id"]], uow.principal, currency=currency, balance=one["balance"])
        for one in stored
    ]


def _again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return _answers(uow, [stored])[0]


@refunds.serve(
    "POST",
    "",
    scope="transactions:write",
    body=schemas.REFUND,
    answers={201: answers.REFUND, 200: answers.REFUND},
    problems=(RefundReferenceConflict, RefundWay, SaleNotRecordedYet),
    replay=_again,
    pipelined=True,
    till=needs_shift,
)
def refund(uow: UnitOfWork, call: Call) -> Answer:
    """Give a sale back, wholly or in part: 201, or 200 if this refund was reported before."""
    [outcome] = desk.refund(uow, [call.body])
    if isinstance(outcome, DomainError):
        raise outcome
    [body] = _shown(uow, [outcome])
    return Answer(body, outcome.status, stored=_to_store(outcome))


def _batch_again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    kept = stored["results"]
    return _batch_body(kept, _answers(uow, kept))


def _batch_body(kept: list[dict[str, Any]], bodies: list[dict[str, Any]]) -> dict[str, Any]:
    results = [
        result(index, body["status"], "problem", body)
        if "problem" in one
        else result(index, one["status"], "refund", body)
        for index, (one, body) in enumerate(zip(kept, bodies, strict=True))
    ]
    return {"object": "batch", "results": results}


@refunds.serve(
    "POST",
    "/batch",
    scope="transactions:write",
    batch=BatchOf("refunds", schemas.REFUND),
    answers={200: answers.REFUND_BATCH},
    replay=_batch_again,
    pipelined=True,
)
def refund_batch(uow: UnitOfWork, call: Call) -> Answer:
    """Report up to 1,000 refunds; each stands alone, in order, as if reported singly."""
    outcomes = iter(desk.refund(uow, [item for item in call.items if not isinstance(item, DomainError)]))
    results = [item if isinstance(item, DomainError) else next(outcomes) for item in call.items]
    stored = [_to_store(one) for one in results]
    return Answer(_batch_body(stored, _shown(uow, results)), stored={"results": stored})


@refunds.serve(
    "GET",
    "",
    scope="transactions:read",
    query=schemas.REFUNDS,
    answers={200: answers.REFUNDS},
    till=needs_shift,
)
def list_refunds(uow: UnitOfWork, call: Call) -> Answer:
    """List refunds, newest first; a merchant's key sees its own."""
    return Answer(page_of_refunds(uow, call.query))


@refunds.serve("GET", "/<rfd:refund_id>", scope="transactions:read", answers={200: answers.REFUND}, till=needs_shift)
def get_refund(uow: UnitOfWork, call: Call, refund_id: str) -> Answer:
    """Read a refund, with today's balance."""
    return Answer(show_refund_rows(uow, [queries.find_refund(uow, refund_id)])[0])
