"""Reading imports, locks included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Select, select

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound
from app.foundation.runtime import keyring
from app.foundation.tenancy import Principal
from app.imports.models import Import
from app.imports.rules import NEEDS, PREVIEWED

_HOLD = """
    SELECT kind, source, status, starts, settings, actor, attempt FROM imports
    WHERE district_id = %(district)s AND id = %(import)s FOR UPDATE
"""
_ROWS = """
    SELECT number, rows, status, sealed, reason, made_id, adjustment_id FROM import_rows
    WHERE district_id = %(district)s AND import_id = %(import)s
"""
_BY_STATUS = f"{_ROWS} AND status = %(status)s AND number > %(after)s ORDER BY number LIMIT %(most)s"
_FIRST = f"{_ROWS} ORDER BY number LIMIT %(most)s"
_PIECES = """
    SELECT number, sealed FROM import_pieces WHERE district_id = %(district)s AND import_id = %(import)s
    AND number = %(number)s
"""
_WAITING = """
    SELECT id FROM imports WHERE district_id = %s AND status IN ('queued', 'reading', 'running', 'undoing')
    AND alive_at < %s ORDER BY id
"""
_OLD = "SELECT id FROM imports WHERE district_id = %s AND NOT is_forgotten AND kept_until < %s ORDER BY id"


class Work(NamedTuple):
    """An import as its job has it, its row locked. `actor`: for whom it is done. `attempt`: how often it was begun to read."""

    kind: str
    source: str
    status: str
    starts: bool
    settings: dict[str, Any]
    actor: dict[str, Any]
    attempt: int


class KeptRow(NamedTuple):
    """A line of an import. `item` and `cells` are gone once it is recorded, or was kept long enough."""

    number: int
    rows: int
    status: str
    item: dict[str, Any] | None
    cells: list[list[str]]
    reason: dict[str, Any] | None
    made_id: str | None
    adjustment_id: str | None


def imports(uow: UnitOfWork) -> Select[Import]:
    """Those of the principal: a merchant's are its own, a store's of the store."""
    query = select(Import).where(Import.district_id == uow.district_id)
    principal = uow.principal
    if principal.merchant_id is not None:
        query = query.where(Import.merchant_id == principal.merchant_id)
    if principal.store_id is not None:
        query = query.where(Import.store_id == principal.store_id)
    return query


def find_import(uow: UnitOfWork, import_id: str, *, lock: bool = False) -> Import:
    """One of the principal's. Raises NotFound."""
    query = imports(uow).where(Import.id == import_id)
    row = uow.session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound
    return row


def last_settings(uow: UnitOfWork, kind: str, source: str) -> dict[str, Any] | None:
    """What was said of the last table of a kind that came from a source and was recorded."""
    query = imports(uow).where(Import.kind == kind, Import.source == source, Import.recorded + Import.known > 0)
    row = uow.session.scalars(query.order_by(Import.id.desc()).limit(1)).one_or_none()
    return None if row is None else row.settings


def hold_work(uow: UnitOfWork, import_id: str) -> Work:
    """Locks an import for its job."""
    return Work(*uow.rows(_HOLD, _values(uow, import_id))[0])


def principal_of(district_id: str, actor: dict[str, Any]) -> Principal:
    """Who asked for an import, with those rights of theirs that it needs."""
    rest = {name: actor[name] for name in ("kind", "id", "merchant_id", "store_id")}
    return Principal(district_id=district_id, scopes=frozenset(actor["scopes"]), **rest)


def rows_of(uow: UnitOfWork, import_id: str, status: str, after: int, most: int) -> list[KeptRow]:
    """The next lines in a state, in the order of the file."""
    values = {**_values(uow, import_id), "status": status, "after": after, "most": most}
    return _kept(uow, import_id, _BY_STATUS, values)


def first_rows(uow: UnitOfWork, import_id: str) -> list[KeptRow]:
    """The first lines of a file."""
    return _kept(uow, import_id, _FIRST, {**_values(uow, import_id), "most": PREVIEWED})


def _kept(uow: UnitOfWork, import_id: str, query: str, values: dict[str, Any]) -> list[KeptRow]:
    return [_kept_row(import_id, *row) for row in uow.rows(query, values)]


def _kept_row(
    import_id: str,
    number: int,
    rows: int,
    status: str,
    sealed: bytes | None,
    reason: dict[str, Any] | None,
    made: str | None,
    adjustment: str | None,
) -> KeptRow:
    opened = (
        {} if sealed is None else orjson.loads(keyring().open_bytes(bytes(sealed), bound_to=bound(import_id, number)))
    )
    ids = made, adjustment and f"adj_{adjustment}"
    return KeptRow(number, rows, status, opened.get("item"), opened.get("cells", []), reason, *ids)


def bound(import_id: str, number: int, what: str = "row") -> str:
    """To what a sealed row, or a piece of the file, is bound."""
    return f"{import_id}/{what}/{number}"


def pieces_of(uow: UnitOfWork, import_id: str) -> Iterator[bytes]:
    """The file, piece by piece."""
    number = 0
    while rows := uow.rows(_PIECES, {**_values(uow, import_id), "number": number}):
        yield keyring().open_bytes(bytes(rows[0][1]), bound_to=bound(import_id, number, "piece"))
        number += 1


def waiting(uow: UnitOfWork, dead_since: datetime) -> list[str]:
    """Imports at work whose job has died, or hasn't come."""
    return [f"imp_{one}" for (one,) in uow.rows(_WAITING, (hex_of(uow.district_id), dead_since))]


def to_forget(uow: UnitOfWork) -> list[str]:
    """Imports whose rows were kept long enough."""
    return [f"imp_{one}" for (one,) in uow.rows(_OLD, (hex_of(uow.district_id), uow.real_now))]


def made_id(kind: str, digits: str | None) -> str | None:
    """The id of what a row has become."""
    return digits and f"{NEEDS[kind].makes}_{digits}"


def _values(uow: UnitOfWork, import_id: str) -> dict[str, Any]:
    return {"district": hex_of(uow.district_id), "import": hex_of(import_id)}
