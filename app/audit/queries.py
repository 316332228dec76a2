"""Reading of this room."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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


def history_of(uow: UnitOfWork, subject_ids: Collection[str], most: int) -> list[AuditEntry]:
    """The newest entries of some subjects, newest first."""
    query = entries(uow, {}).where(AuditEntry.subject_id.in_(subject_ids))
    return list(uow.session.scalars(query.order_by(AuditEntry.id.desc()).limit(most)))
