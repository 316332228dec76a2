"""How payments are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import list_answer, rows_of_page
from app.payments import queries
from app.payments.models import PaymentAttempt, PaymentRow
from app.payments.rules import may


def show_payment(uow: UnitOfWork, row: PaymentRow) -> dict[str, Any]:
    """A payment with its attempts."""
    return _show(row, queries.attempts_of(uow, [row.id]).get(row.id, ()))


def page_of_payments(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the payments, newest first."""
    rows, has_more = rows_of_page(uow, queries.wanted_payments(uow, query), PaymentRow.id, query)
    attempts = queries.attempts_of(uow, [row.id for row in rows])
    return list_answer([_show(row, attempts.get(row.id, ())) for row in rows], has_more=has_more)


def _show(row: PaymentRow, attempts: Sequence[PaymentAttempt]) -> dict[str, Any]:
    party = queries.party_of(row)
    return {
        "object": "payment",
        "id": row.id,
        "party": {"kind": party.kind, "id": party.id},
        "account": row.account,
        "direction": row.direction,
        "amount": row.amount,
        "paid_amount": row.paid_amount,
        "currency": row.currency,
        "statement_id": row.statement_id,
        "due_on": row.due_on and row.due_on.isoformat(),
        "provider": row.provider,
        "state": row.state,
        "code": row.code,
        "retry_at": row.retry_at and format_instant(row.retry_at),
        "may": [verb for verb in ("confirm", "retry", "cancel") if may(verb, row.state)],
        "attempts": [_show_attempt(one) for one in attempts],
        "created_at": format_instant(row.created_at),
        "changed_at": format_instant(row.changed_at),
    }


def _show_attempt(row: PaymentAttempt) -> dict[str, Any]:
    return {
        "number": row.number,
        "provider": row.provider,
        "state": row.state,
        "reference": row.reference,
        "code": row.code,
        "amount": row.amount,
        "booked_on": row.booked_on and row.booked_on.isoformat(),
        "started_at": format_instant(row.started_at),
        "ended_at": row.ended_at and format_instant(row.ended_at),
    }
