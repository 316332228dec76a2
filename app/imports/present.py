"""How imports are shown: figures and names of columns; of the rows a few, with phones masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import choose_locale
from app.foundation.pagination import page_of
from app.foundation.problems import told_again
from app.imports import queries
from app.imports.models import Import
from app.imports.queries import KeptRow, made_id
from app.imports.reading import Reason
from app.imports.rules import UNDOABLE
from app.members.rules import NotAPhone, mask_phone, parse_phone


def show_import(row: Import) -> dict[str, Any]:
    """An import without its rows."""
    return {
        "object": "import",
        "id": row.id,
        "kind": row.kind,
        "source": row.source,
        "file_name": row.file_name,
        "status": row.status,
        "settings": row.settings,
        "columns": row.header,
        "fields": row.fields,
        "flaw": row.flaw and show_reason(row.flaw),
        "progress": {"done": row.done, "total": row.rows},
        "recorded": row.recorded,
        "known": row.known,
        "refused": row.refused,
        "left_out": row.left_out,
        "undone": row.undone,
        "can_be_undone": row.kind in UNDOABLE and row.status in ("done", "cancelled") and row.recorded > 0,
        "created_at": format_instant(row.created_at),
        "finished_at": row.finished_at and format_instant(row.finished_at),
        "rows_kept_until": format_instant(row.kept_until),
    }


def page_of_imports(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the imports that the principal may see, newest first; `query` as IMPORTS checks it."""
    found = queries.imports(uow)
    for name in ("kind", "status"):
        if query.get(name):
            found = found.where(getattr(Import, name) == query[name])
    return page_of(uow, found, Import.id, query, show_import)


def show_whole_import(uow: UnitOfWork, import_id: str) -> dict[str, Any]:
    """An import with its first rows. Raises NotFound."""
    row = queries.find_import(uow, import_id)
    return {**show_import(row), "preview": [show_row(row.kind, one) for one in queries.first_rows(uow, import_id)]}


def show_row(kind: str, row: KeptRow) -> dict[str, Any]:
    """A row as it is, or will be, recorded."""
    return {
        "number": row.number,
        "rows": row.rows,
        "status": row.status,
        "item": row.item and {name: _masked(name, value) for name, value in row.item.items()},
        "made_id": made_id(kind, row.made_id),
        "reason": row.reason and show_reason(row.reason),
    }


def _masked(name: str, value: Any) -> Any:
    if name == "name":
        return f"{value[:1]}**"
    if name == "birthday":
        return "****"
    if name != "phone":
        return value
    try:
        return mask_phone(parse_phone(value))
    except NotAPhone:
        return "****"


def show_reason(reason: Reason) -> dict[str, Any]:
    """Why something isn't recorded, in the language of who asks."""
    if "problem" not in reason:
        return {"code": reason["code"], "detail": reason[choose_locale()]}
    problem = told_again(reason["problem"])
    flaws = "; ".join(f"{one['pointer'].lstrip('/')}: {one['detail']}" for one in problem.get("errors", ()))
    return {"code": problem["code"], "detail": flaws or problem["detail"]}


def refused_lines(row: Import, rows: Iterable[KeptRow], heading: str) -> Iterator[list[str]]:
    """The refused rows as they were, each with the reason; under the names of the columns."""
    width = len(row.header)
    yield [*row.header, heading]
    for one in rows:
        why = show_reason(one.reason)["detail"] if one.reason else ""
        for cells in one.cells:
            yield [*cells[:width], *[""] * (width - len(cells)), why, *cells[width:]]
