"""How bank statements and what is left of them are shown."""

from __future__ import annotations

from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork
from app.payments import queries as payments
from app.payments.reconciling import queries
from app.payments.reconciling.models import BankLineRow
from app.payments.reconciling.rules import KnownPayment, candidates
from app.payments.reconciling.services import TakenStatement

MOST_SHOWN = 200


def show_taken(taken: TakenStatement) -> dict[str, Any]:
    """What a statement has brought."""
    return {"object": "bank_statement", **taken._asdict()}


def show_reconciliation(uow: UnitOfWork) -> dict[str, Any]:
    """What is left on either side: lines of the bank's that are of no payment, and what is booked that no line has shown."""
    open_ones, unseen = queries.open_payments(uow), queries.booked(uow, seen=False)
    return {
        "object": "reconciliation",
        "cash": payments.cash(uow),
        "lines": [_show_line(row, open_ones) for row in queries.unmatched(uow, MOST_SHOWN)],
        "payments": [
            {"payment_id": one.id, "attempt": one.attempt, "amount": one.amount, "reference": one.reference}
            for one in unseen[-MOST_SHOWN:]
        ],
    }


def _show_line(row: BankLineRow, open_ones: list[KnownPayment]) -> dict[str, Any]:
    return {
        "id": row.id,
        "booked_on": row.booked_on.isoformat(),
        "amount": row.amount,
        **queries.words_of(row),
        "state": row.state,
        "payment_ids": [one.id for one in candidates(queries.line_of(row), open_ones)],
    }
