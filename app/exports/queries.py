"""Reading exports, locks included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from app.exports.models import Export
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound
from app.foundation.runtime import keyring
from app.foundation.tenancy import Principal, system_principal

_STANDS = """
    SELECT attempt FROM exports WHERE district_id = %(district)s AND id = %(export)s AND status = 'running' FOR UPDATE
"""
_PIECE = """
    SELECT sealed FROM export_pieces WHERE district_id = %(district)s AND export_id = %(export)s AND number = %(number)s
"""
_WAITING = """
    SELECT id FROM exports WHERE district_id = %s AND status IN ('queued', 'running') AND alive_at < %s ORDER BY id
"""
_OLD = "SELECT id FROM exports WHERE district_id = %s AND status = 'done' AND expires_at < %s ORDER BY id"


class Wanted(NamedTuple):
    """An export as its job has it."""

    list: str
    format: str
    filter: dict[str, str]
    language: str
    actor: dict[str, Any]
    attempt: int


def exports(uow: UnitOfWork) -> Select[Export]:
    """Those that the principal has asked for: what is in them is what it may read."""
    return select(Export).where(Export.district_id == uow.district_id, Export.principal_id == uow.principal.id)


def find_export(uow: UnitOfWork, export_id: str, *, lock: bool = False) -> Export:
    """One of the principal's. Raises NotFound."""
    query = exports(uow).where(Export.id == export_id)
    row = uow.session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound
    return row


def stands(uow: UnitOfWork, export_id: str, attempt: int) -> bool:
    """Whether an export is still this attempt's; locks it."""
    return uow.rows(_STANDS, {"district": hex_of(uow.district_id), "export": hex_of(export_id)}) == [(attempt,)]


def principal_of(district_id: str, actor: dict[str, Any]) -> Principal:
    """Who asked, with the right that the list needs."""
    rest = {name: actor[name] for name in ("kind", "id", "merchant_id", "store_id")}
    return Principal(district_id=district_id, scopes=frozenset(actor["scopes"]), **rest)


def file_of(district_id: str, export_id: str) -> Iterator[bytes]:
    """The file, piece by piece, in units of work of their own."""
    number = 0
    while True:
        with unit_of_work(system_principal(district_id)) as uow:
            values = {"district": hex_of(district_id), "export": hex_of(export_id), "number": number}
            rows = uow.rows(_PIECE, values)
        if not rows:
            return
        yield keyring().open_bytes(bytes(rows[0][0]), bound_to=bound(export_id, number))
        number += 1


def bound(export_id: str, number: int) -> str:
    """To what a sealed piece is bound."""
    return f"{export_id}/piece/{number}"


def waiting(uow: UnitOfWork, dead_since: datetime) -> list[str]:
    """Exports whose job has died, or hasn't come."""
    return [f"exp_{one}" for (one,) in uow.rows(_WAITING, (hex_of(uow.district_id), dead_since))]


def to_forget(uow: UnitOfWork) -> list[str]:
    """Exports that were kept long enough."""
    return [f"exp_{one}" for (one,) in uow.rows(_OLD, (hex_of(uow.district_id), uow.real_now))]
