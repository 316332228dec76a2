"""Reading of this room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select

from app.audit.models import AuditEntry
from app.foundation.database.unit_of_work import UnitOfWork


def entries(uow: UnitOfWork, wanted: Mapping[str, Any]) -> Select[AuditEntry]:
    """The district's entries: of an actor, an action or a subject, and of a span from an instant to before another."""
    query = select(AuditEntry).where(AuditEntry.district_id == uow.district_id)
    for name in ("actor_id", "action", "subject_id"):
        if wanted.get(name):
            query = query.where(getattr(AuditEntry, name) == wanted[name])
    if wanted.get("from"):
        query = query.where(AuditEntry.recorded_at >= wanted["from"])
    if wanted.get("to"):
        query = query.where(AuditEntry.recorded_at < wanted["to"])
    return query
