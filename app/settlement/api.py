"""`/v1/settlement-terms`, `/v1/settlement-periods`, `/v1/statements`."""

from __future__ import annotations

from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.settlement import answers, closing, queries, schemas, services, terms
from app.settlement.errors import EarlierPeriodOpen, InvoiceKnown, PeriodNotOver, PoolTooSmall
from app.settlement.present import (
    drawn,
    page_of_items,
    page_of_periods,
    page_of_statements,
    page_of_terms,
    show_invoice,
    show_period,
    show_statement,
    show_terms,
)

settlement_terms = Routes("settlement_terms", __name__, url_prefix="/v1/settlement-terms")
periods = Routes("settlement_periods", __name__, url_prefix="/v1/settlement-periods")
statements = Routes("statements", __name__, url_prefix="/v1/statements")
ROOMS = (settlement_terms, periods, statements)


@settlement_terms.serve(
    "GET",
    "",
    scope="settlement:read",
    alliance_only=True,
    query=schemas.TERMS,
    answers={200: answers.TERMS_LIST},
)
def list_terms(uow: UnitOfWork, call: Call) -> Answer:
    """List the versions of the terms, newest first."""
    return Answer(page_of_terms(uow, call.query))


@settlement_terms.serve(
    "POST",
    "",
    scope="settlement:write",
    alliance_only=True,
    body=schemas.TermsBody(),
    answers={201: answers.TERMS},
    audit="settlement_terms.published",
)
def publish_terms(uow: UnitOfWork, call: Call) -> Answer:
    """Add the next version of the terms, from the start of a period. It never changes; the first holds since ever."""
    shown = show_terms(uow, terms.publish(uow, **call.body))
    audited = {name: shown[name] for name in ("version", "effective_from", "issue_price", "redemption_price")}
    return Answer(shown, 201, audited=audited)


@periods.serve("GET", "", scope="settlement:read", query=schemas.PERIODS_QUERY, answers={200: answers.PERIODS_LIST})
def list_periods(uow: UnitOfWork, call: Call) -> Answer:
    """List periods, newest first."""
    return Answer(page_of_periods(uow, call.query))


@periods.serve("GET", "/<per:period_id>", scope="settlement:read", answers={200: answers.PERIOD})
def get_period(uow: UnitOfWork, call: Call, period_id: str) -> Answer:
    """Read a period: what it comes to so far, or came to. A merchant reads its own part."""
    return Answer(show_period(uow, queries.find_period(uow, period_id)))


def _period_again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_period(uow, queries.find_period(uow, stored["id"]))


@periods.serve(
    "POST",
    "/<per:period_id>/close",
    scope="settlement:write",
    alliance_only=True,
    answers={202: answers.PERIOD},
    problems=(PeriodNotOver, EarlierPeriodOpen),
    replay=_period_again,
    audit="settlement_period.closed",
)
def close_period(uow: UnitOfWork, call: Call, period_id: str) -> Answer:
    """Close a period that is over, in the queue, and issue its statements. Asked again it stays as it is."""
    period = closing.ask_close(uow, period_id)
    jobs = (closing.job_of(uow.district_id, period.id),) if period.status == "closing" else ()
    return Answer(show_period(uow, period), 202, stored={"id": period.id}, jobs=jobs)


@periods.serve(
    "POST",
    "/<per:period_id>/draw",
    scope="settlement:write",
    alliance_only=True,
    body=schemas.DrawBody(),
    answers={200: answers.PERIOD},
    problems=(PoolTooSmall,),
    replay=_period_again,
    audit="settlement.reserve_drawn",
)
def draw_reserve(uow: UnitOfWork, call: Call, period_id: str) -> Answer:
    """Let the district have of the pool what exceeds the points that are out; of the first period that isn't closed."""
    return Answer(show_period(uow, drawn(uow, period_id, **call.body)), stored={"id": period_id})


@periods.serve(
    "GET",
    "/<per:period_id>/statements",
    scope="settlement:read",
    query=schemas.STATEMENTS,
    answers={200: answers.STATEMENTS_LIST},
)
def list_statements(uow: UnitOfWork, call: Call, period_id: str) -> Answer:
    """List the statements of a closed period: all for the alliance, a merchant's own for it."""
    return Answer(page_of_statements(uow, queries.find_period(uow, period_id), call.query))


@statements.serve("GET", "/<stm:statement_id>", scope="settlement:read", answers={200: answers.STATEMENT})
def get_statement(uow: UnitOfWork, call: Call, statement_id: str) -> Answer:
    """Read a statement."""
    return Answer(show_statement(uow, queries.find_statement(uow, statement_id)))


@statements.serve(
    "GET",
    "/<stm:statement_id>/items",
    scope="settlement:read",
    query=schemas.ItemsQuery(),
    answers={200: answers.ITEMS_LIST},
)
def list_items(uow: UnitOfWork, call: Call, statement_id: str) -> Answer:
    """List what comes together in a line of a statement, newest first. What expired comes as one row for each day."""
    return Answer(page_of_items(uow, queries.find_statement(uow, statement_id), call.query))


def _statement_again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_statement(uow, queries.find_statement(uow, stored["id"]))


@statements.serve(
    "POST",
    "/<stm:statement_id>/approve",
    scope="disputes:write",
    answers={200: answers.STATEMENT},
    replay=_statement_again,
    audit="statement.approved",
)
def approve_statement(uow: UnitOfWork, call: Call, statement_id: str) -> Answer:
    """Approve a statement. Silence approves it too, once the time to dispute it is over; again changes nothing."""
    row = services.approve(uow, statement_id)
    return Answer(show_statement(uow, row), stored={"id": row.id})


@statements.serve(
    "POST",
    "/<stm:statement_id>/hold",
    scope="settlement:write",
    alliance_only=True,
    body=schemas.HoldBody(),
    answers={200: answers.STATEMENT},
    replay=_statement_again,
    audit="statement.held",
)
def hold_statement(uow: UnitOfWork, call: Call, statement_id: str) -> Answer:
    """Keep an amount from being paid, or asked for, with a reason that its party reads too."""
    row = services.hold(uow, statement_id, **call.body)
    return Answer(show_statement(uow, row), stored={"id": row.id})


@statements.serve(
    "POST",
    "/<stm:statement_id>/release",
    scope="settlement:write",
    alliance_only=True,
    answers={200: answers.STATEMENT},
    replay=_statement_again,
    audit="statement.released",
)
def release_statement(uow: UnitOfWork, call: Call, statement_id: str) -> Answer:
    """Release what the alliance holds of a statement; what is disputed stays held. Again changes nothing."""
    row = services.release(uow, statement_id)
    return Answer(show_statement(uow, row), stored={"id": row.id})


def _invoice_again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_invoice(queries.find_invoice(uow, stored["id"]))


@statements.serve(
    "POST",
    "/<stm:statement_id>/invoices",
    scope="disputes:write",
    body=schemas.InvoiceBody(),
    answers={201: answers.INVOICE},
    problems=(InvoiceKnown,),
    replay=_invoice_again,
    audit="statement.invoice_noted",
)
def note_invoice(uow: UnitOfWork, call: Call, statement_id: str) -> Answer:
    """Note the number of a tax invoice for what a statement's party is paid, or charged. No tax is computed."""
    row = services.note_invoice(uow, statement_id, **call.body)
    return Answer(show_invoice(row), 201, stored={"id": row.id})
