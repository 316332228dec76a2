"""Rows of exports and their pieces, as their job writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.exports.queries import Wanted, bound
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.runtime import keyring

_CLAIM = """
    UPDATE exports SET status = 'running', attempt = attempt + 1, rows = 0, size_bytes = 0, alive_at = %(alive)s
    WHERE district_id = %(district)s AND id = %(export)s
      AND (status = 'queued' OR (status = 'running' AND alive_at < %(dead)s))
    RETURNING list, format, filter, language, actor, attempt
"""
_PIECE = """
    INSERT INTO export_pieces (district_id, export_id, number, sealed) VALUES (%(district)s, %(export)s, %(number)s, %(sealed)s)
"""
_REPORT = """
    UPDATE exports SET rows = %(rows)s, size_bytes = size_bytes + %(size)s, alive_at = %(alive)s
    WHERE district_id = %(district)s AND id = %(export)s
"""
_FINISH = """
    UPDATE exports SET status = %(status)s, finished_at = %(now)s, expires_at = %(until)s, alive_at = %(alive)s
    WHERE district_id = %(district)s AND id = %(export)s
"""
_FORGET = "DELETE FROM export_pieces WHERE district_id = %(district)s AND export_id = %(export)s"


def claim(uow: UnitOfWork, export_id: str, dead_since: datetime) -> Wanted | None:
    """Takes an export that waits, or whose job has died, and begins it anew; None if it is over or another's."""
    values = {"district": hex_of(uow.district_id), **_of(export_id), "alive": uow.real_now, "dead": dead_since}
    rows = uow.rows(_CLAIM, values)
    if rows:
        forget_file(uow, export_id)
    return Wanted(*rows[0]) if rows else None


def add_piece(uow: UnitOfWork, export_id: str, number: int, content: bytes, rows: int) -> None:
    """Adds a piece of the file, and tells how far it is."""
    sealed = keyring().seal_bytes(content, bound_to=bound(export_id, number))
    uow.write(_PIECE, {**_of(export_id), "number": number, "sealed": sealed})
    uow.write(_REPORT, {**_of(export_id), "rows": rows, "size": len(content), "alive": uow.real_now})


def finish(uow: UnitOfWork, export_id: str, status: str, until: datetime | None = None) -> None:
    """Ends an export; one that isn't done has no file."""
    uow.write(_FINISH, {**_of(export_id), "status": status, "until": until, "alive": uow.real_now})
    if status != "done":
        forget_file(uow, export_id)


def forget_file(uow: UnitOfWork, export_id: str) -> None:
    """Lets the file go."""
    uow.write(_FORGET, _of(export_id))


def _of(export_id: str) -> dict[str, Any]:
    return {"export": hex_of(export_id)}
