"""`/v1/transactions`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from app.coupons.bill.errors import CodeMistyped
from app.coupons.errors import PaymentEvidenceMissing
from app.districts import queries as districts
from app.foundation.clock import format_instant
from app.foundation.database.idempotency import StoredAnswer
from app.foundation.database.once import ToStore, do_once
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.http.answers import Answer
from app.foundation.http.batches import BatchOf, result
from app.foundation.http.routing import Call, Routes, fingerprint_of, needs_shift, once_of
from app.foundation.i18n import language_headers
from app.foundation.problems import DomainError, NotFound
from app.foundation.tenancy import Principal
from app.members import naming
from app.members.errors import MemberCodeExpired, MemberCodeUsed, MemberIsFrozen
from app.points.earning.words import said_again
from app.points.errors import SpendingRests, SpendLocked
from app.transactions import answers, configuration, metrics, plain_bodies, schemas
from app.transactions.configuration import Configuration
from app.transactions.errors import PaymentReferenceConflict, ReferenceConflict
from app.transactions.reports import SaleReport
from app.transactions.sales import batches, queries, quoting, services
from app.transactions.sales.present import Presenter, page_of_sales, show_transaction
from app.transactions.sales.sale import Sale
from app.transactions.sales.watching import watched

transactions = Routes("transactions", __name__, url_prefix="/v1/transactions")
SALES = BatchOf("transactions", schemas.SALE, plain_bodies.accept)
OWN_WORDS = ("items", "metadata")
SALE_PROBLEMS = (
    ReferenceConflict,
    PaymentReferenceConflict,
    MemberCodeExpired,
    MemberCodeUsed,
    MemberIsFrozen,
    SpendLocked,
    SpendingRests,
    CodeMistyped,
    PaymentEvidenceMissing,
    NotFound,
)


def _takes_value(report: SaleReport) -> bool:
    return bool(report.points_to_spend or report.coupons)


def _needs_shift(call: Call) -> bool:
    """A locked till sends what it has kept; to spend points or coupons is for a cashier."""
    reports = call.items or [call.body]
    return any(_takes_value(one) for one in reports if isinstance(one, SaleReport))


def _settings_of(principal: Principal, *, is_replay: bool = False) -> Configuration:
    """What a report has just read; a stored answer has read nothing, perhaps in no other request of this process."""
    settings = configuration.remembered(principal.district_id)
    if settings is not None and not is_replay:
        return settings
    with unit_of_work(principal) as uow:
        return configuration.current(uow)


@transactions.serve(
    "POST",
    "",
    scope="transactions:write",
    body=schemas.SALE,
    answers={201: answers.TRANSACTION, 200: answers.TRANSACTION},
    problems=SALE_PROBLEMS,
    quick=plain_bodies.accept,
    own_transaction=True,
    till=_needs_shift,
)
def report(call: Call) -> Answer:
    """Report a sale: 201, or 200 with the first figures if it was reported before."""
    outcome = services.report_one(Sale(call.principal, call.body, call.idempotency_key, origin=call.origin))
    if isinstance(outcome, DomainError):
        raise outcome
    show = Presenter(_settings_of(call.principal), call.principal)
    headers = {**language_headers(), **outcome.limits, **({"Idempotent-Replayed": "true"} if outcome.is_replay else {})}
    return Answer(show(outcome.record, outcome.balance, call.body.reference), outcome.status, headers=headers)


@transactions.serve(
    "POST",
    "/quote",
    scope="transactions:write",
    body=schemas.SALE,
    answers={200: answers.QUOTE},
    problems=SALE_PROBLEMS,
    quick=plain_bodies.accept,
    own_transaction=True,
    till=needs_shift,
)
def quote(call: Call) -> Answer:
    """Say what a sale would earn, and post nothing.

    By phone a merchant's key is told what anybody would earn, so that a quote says nothing of whose phone it is.
    """
    sale, own_words = Sale(call.principal, call.body), {name: getattr(call.body, name) for name in OWN_WORDS}
    limits = naming.count_question(call.principal) if call.body.phone else {}
    with watched([sale]):
        quoted = do_once(call.principal, lambda uow: _quoted(uow, sale), once_of(call, _to_store, _again))
    headers = {**limits, **language_headers(), **({"Idempotent-Replayed": "true"} if quoted.is_replay else {})}
    explanation = quoted.body["explanation"]
    shown = said_again(explanation) if quoted.is_replay else explanation
    return Answer({**quoted.body, **own_words, "explanation": shown}, headers=headers)


class _Quoted(NamedTuple):
    """A quote without the caller's own words, which are the same in any request under its idempotency key."""

    body: dict[str, Any]
    is_replay: bool = False


def _quoted(uow: UnitOfWork, sale: Sale) -> _Quoted:
    outcome = quoting.quote(uow, sale)
    body = Presenter(configuration.current(uow), sale.principal)(outcome.record, outcome.balance)
    for name in ("id", "recorded_at", "claimed_at", "claim_url", *OWN_WORDS):
        body.pop(name, None)
    shown = {name: format_instant(value) if isinstance(value, datetime) else value for name, value in body.items()}
    return _Quoted({**shown, "object": "quote", "status": "quoted"})


def _to_store(quoted: _Quoted) -> ToStore:
    return 200, quoted.body


def _again(_: UnitOfWork, stored: StoredAnswer) -> _Quoted:
    return _Quoted(stored.answer, is_replay=True)


@transactions.serve(
    "POST",
    "/batch",
    scope="transactions:write",
    batch=SALES,
    answers={200: answers.TRANSACTION_BATCH},
    own_transaction=True,
    till=_needs_shift,
)
def report_batch(call: Call) -> Answer:
    """Report up to 1,000 sales; each stands alone, in order, as if reported singly."""
    items = [
        item if isinstance(item, DomainError) else Sale(call.principal, item, origin=call.origin) for item in call.items
    ]
    fingerprint = fingerprint_of("POST", call) if call.idempotency_key else b""
    answer = batches.report_batch(call.principal, items, call.idempotency_key, fingerprint)
    settings = _settings_of(call.principal, is_replay=answer.is_replay)
    show = Presenter(settings, call.principal)
    results = [
        _result(index, one, item, show) for index, (one, item) in enumerate(zip(answer.results, items, strict=True))
    ]
    metrics.count_results(one["status"] for one in results)
    headers = {"Idempotent-Replayed": "true"} if answer.is_replay else {}
    return Answer({"object": "batch", "results": results}, headers=headers)


def _result(index: int, outcome: Any, item: Sale | DomainError, show: Presenter) -> dict[str, Any]:
    if isinstance(outcome, DomainError):
        outcome = outcome.as_problem("")
    if isinstance(outcome, dict):
        return result(index, outcome["status"], "problem", outcome)
    reference = item.report.reference if isinstance(item, Sale) else None
    return result(index, outcome.status, "transaction", show(outcome.record, outcome.balance, reference))


@transactions.serve(
    "GET",
    "",
    scope="transactions:read",
    query=schemas.TRANSACTIONS,
    answers={200: answers.TRANSACTIONS},
    till=needs_shift,
)
def list_transactions(uow: UnitOfWork, call: Call) -> Answer:
    """List sales, newest first; a merchant's key sees its own."""
    return Answer(page_of_sales(uow, call.query))


@transactions.serve(
    "GET",
    "/<txn:transaction_id>",
    scope="transactions:read",
    answers={200: answers.TRANSACTION},
    till=needs_shift,
)
def get_transaction(uow: UnitOfWork, call: Call, transaction_id: str) -> Answer:
    """Read a sale."""
    return Answer(show_transaction(uow, transaction_id))


@transactions.serve(
    "GET",
    "/summary",
    scope="transactions:read",
    query=schemas.SummaryQuery(),
    answers={200: answers.SUMMARY},
    till=needs_shift,
)
def summary(uow: UnitOfWork, call: Call) -> Answer:
    """The totals of one local day, of one store or of all that the key sees."""
    store_id = call.query["store_id"]
    if store_id:
        ids = {districts.find_store(uow, store_id).id}
    else:
        ids = {store.id for store in uow.session.scalars(districts.stores(uow))}
    directory = configuration.current(uow).directory
    totals = queries.summary(uow, call.query["on"], directory.zone, ids)
    head = {"object": "transaction_summary", "on": call.query["on"].isoformat(), "store_id": store_id}
    return Answer({**head, "currency": directory.currency, **totals})
