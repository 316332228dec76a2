"""`/v1/bank-statements`, `/v1/reconciliation`."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.foundation.problems import ValidationFailed
from app.payments.reconciling import answers, services
from app.payments.reconciling.present import show_reconciliation, show_taken

bank_statements = Routes("bank_statements", __name__, url_prefix="/v1/bank-statements")
reconciliation = Routes("reconciliation", __name__, url_prefix="/v1/reconciliation")
ROOMS = (bank_statements, reconciliation)


@bank_statements.serve(
    "POST",
    "",
    scope="payments:write",
    alliance_only=True,
    uploads=True,
    answers={200: answers.STATEMENT},
    problems=(ValidationFailed,),
    audit="bank_statement.taken",
)
def take_bank_statement(uow: UnitOfWork, call: Call) -> Answer:
    """Send a statement of the bank account: CSV or XLSX. Each line counts once, however many statements have it.

    A line that shows one open payment, by its mark or by party and amount, books it; one that may be of several is listed.
    """
    assert call.upload is not None, "a route of uploads has a file"
    return Answer(show_taken(services.take_statement(uow, call.upload.content)))


@reconciliation.serve("GET", "", scope="payments:read", alliance_only=True, answers={200: answers.RECONCILIATION})
def get_reconciliation(uow: UnitOfWork, call: Call) -> Answer:
    """Read what is left on either side: the bank's lines of no payment, and what is booked that no line has shown."""
    return Answer(show_reconciliation(uow))
