"""How entries of the audit are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.audit import queries
from app.audit.models import AuditEntry
from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import kind_of
from app.foundation.pagination import page_of


def page_of_entries(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the district's log, newest first; `query` as ENTRIES checks it."""
    return page_of(uow, queries.entries(uow, query), AuditEntry.id, query, show_audit_entry)


def show_audit_entry(row: AuditEntry) -> dict[str, Any]:
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
