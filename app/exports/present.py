"""How exports are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.exports import queries
from app.exports.models import Export
from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import page_of


def show_export(row: Export) -> dict[str, Any]:
    """An export as the API shows it."""
    return {
        "object": "export",
        "id": row.id,
        "list": row.list,
        "format": row.format,
        "filter": row.filter,
        "status": row.status,
        "rows": row.rows,
        "size_bytes": row.size_bytes,
        "downloads": row.downloads,
        "download_path": f"/v1/exports/{row.id}/download" if row.status == "done" else None,
        "created_at": format_instant(row.created_at),
        "finished_at": row.finished_at and format_instant(row.finished_at),
        "expires_at": row.expires_at and format_instant(row.expires_at),
    }


def page_of_exports(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of what the principal has asked for, newest first; `query` as EXPORTS checks it."""
    found = queries.exports(uow)
    for name in ("list", "status"):
        if query.get(name):
            found = found.where(getattr(Export, name) == query[name])
    return page_of(uow, found, Export.id, query, show_export)
