"""How disputes and corrections are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import list_answer, page_of, rows_of_page
from app.settlement.disputes import queries
from app.settlement.disputes.models import Correction, Dispute, DisputeMessage
from app.settlement.queries import party_named


def show_dispute(uow: UnitOfWork, row: Dispute) -> dict[str, Any]:
    """A dispute with what was said on it."""
    return _show_dispute(row, queries.messages(uow, [row.id])[row.id])


def page_of_disputes(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the disputes that the principal may see, newest first."""
    found = queries.visible_disputes(uow)
    for name in ("status", "statement_id"):
        if query.get(name):
            found = found.where(getattr(Dispute, name) == query[name])
    rows, has_more = rows_of_page(uow, found, Dispute.id, query)
    said = queries.messages(uow, [row.id for row in rows])
    return list_answer([_show_dispute(row, said[row.id]) for row in rows], has_more=has_more)


def _show_dispute(row: Dispute, said: Sequence[DisputeMessage]) -> dict[str, Any]:
    return {
        "object": "dispute",
        "id": row.id,
        "statement_id": row.statement_id,
        "party": party_named(row.party_kind, row.party_id)._asdict(),
        "status": row.status,
        "reason": row.reason,
        "text": row.text,
        "amount": row.amount,
        "lines": row.lines,
        "messages": [{"side": one.side, "text": one.text, "sent_at": format_instant(one.sent_at)} for one in said],
        "answer": row.answer,
        "accepted_amount": row.accepted_amount,
        "correction_id": row.correction_id,
        "opened_at": format_instant(row.opened_at),
        "ended_at": row.ended_at and format_instant(row.ended_at),
    }


def show_correction(row: Correction) -> dict[str, Any]:
    """A correction."""
    return {
        "object": "correction",
        "id": row.id,
        "party": party_named(row.party_kind, row.party_id)._asdict(),
        "amount": row.amount,
        "reason": row.reason,
        "status": row.status,
        "proposed_at": format_instant(row.proposed_at),
        "decided_at": row.decided_at and format_instant(row.decided_at),
    }


def page_of_corrections(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the corrections that the principal may see, newest first."""
    found = queries.visible_corrections(uow)
    if query.get("status"):
        found = found.where(Correction.status == query["status"])
    return page_of(uow, found, Correction.id, query, show_correction)
