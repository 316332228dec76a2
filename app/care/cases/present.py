"""How cases are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.care.cases import queries
from app.care.cases.models import Case
from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import list_answer, rows_of_page


def show_case(uow: UnitOfWork, row: Case) -> dict[str, Any]:
    """A case. Whose it is a merchant is told by the sale, as far as it may know."""
    return {
        "object": "case",
        "id": row.id,
        "kind": row.kind,
        "step": row.step,
        "transaction_id": row.transaction_id,
        "merchant_id": row.merchant_id,
        "store_id": row.store_id,
        "member_id": None if uow.principal.merchant_id else row.member_id,
        "reason": row.reason,
        "description": row.description,
        "answer": row.answer,
        "answered_by": row.answered_by,
        "opened_at": format_instant(row.opened_at),
        "ended_at": row.ended_at and format_instant(row.ended_at),
    }


def page_of_cases(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the cases that the principal may see, newest first; `query` as CASES checks it."""
    found = queries.cases(uow)
    for name in ("step", "transaction_id", "merchant_id"):
        if query.get(name):
            found = found.where(getattr(Case, name) == query[name])
    rows, has_more = rows_of_page(uow, found, Case.id, query)
    return list_answer([show_case(uow, row) for row in rows], has_more=has_more)
