"""`/v1/audit-entries`."""

from __future__ import annotations

from typing import Any

from app.audit import answers, queries, schemas
from app.audit.models import AuditEntry
from app.foundation.clock import format_instant
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Room
from app.foundation.ids import kind_of
from app.foundation.pagination import page_of
from app.foundation.unit_of_work import UnitOfWork

audit_entries = Room("audit_entries", __name__, url_prefix="/v1/audit-entries")
ROOMS = (audit_entries,)


def present_entry(row: AuditEntry) -> dict[str, Any]:
    """An entry as the API shows it."""
    return {
        "object": "audit_entry",
        "id": row.id,
        "actor": {"kind": row.actor_kind, "id": row.actor_id},
        "action": row.action,
        "subject": {"kind": kind_of(row.subject_id), "id": row.subject_id},
        "details": row.details,
        "request_id": row.request_id,
        "from": row.address,
        "recorded_at": format_instant(row.recorded_at),
    }


@audit_entries.serve(
    "GET",
    "",
    scope="programme:read",
    alliance_only=True,
    query=schemas.ENTRIES,
    answers={200: answers.ENTRIES},
)
def list_audit_entries(uow: UnitOfWork, call: Call) -> Answer:
    """List who did what, when and from where, newest first."""
    return Answer(page_of(uow, queries.entries(uow, call.query), AuditEntry.id, call.query, present_entry))
