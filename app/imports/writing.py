"""Rows of imports, written in sets: pieces of files, lines, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from app.foundation.database.sql_arrays import (
    bytes_array,
    id_array,
    json_array,
    number_array,
    rows_of,
    text_array,
    unnested,
)
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.runtime import keyring
from app.imports.queries import Work, bound
from app.imports.reading import FileLine, Reason

PIECE_BYTES = 256 << 10
_PIECES = f"""
    INSERT INTO import_pieces (district_id, import_id, number, sealed)
    VALUES (%(district)s::uuid, %(import)s::uuid, {unnested(numbers="integer", pieces="bytea")})
"""
_LINES = f"""
    INSERT INTO import_rows (district_id, import_id, number, rows, status, sealed, reason)
    VALUES (%(district)s::uuid, %(import)s::uuid, {
    unnested(numbers="integer", counts="integer", statuses="text", sealed="bytea", reasons="jsonb")
})
"""
_ENDS = f"""
    UPDATE import_rows AS r
    SET status = n.status, reason = n.reason, made_id = coalesce(n.made, r.made_id),
        adjustment_id = coalesce(n.adjustment, r.adjustment_id),
        sealed = CASE WHEN n.status IN ('recorded', 'known', 'undone') THEN NULL ELSE r.sealed END
    FROM {rows_of(numbers="integer", statuses="text", reasons="jsonb", made="uuid", adjustments="uuid")}
        AS n (number, status, reason, made, adjustment)
    WHERE r.district_id = %(district)s::uuid AND r.import_id = %(import)s::uuid AND r.number = n.number
"""
_READ = """
    UPDATE imports SET status = %(status)s, header = %(header)s, fields = %(fields)s, flaw = %(flaw)s, alive_at = %(alive)s,
        rows = c.rows, refused = c.refused, left_out = c.left_out, done = c.refused + c.left_out, recorded = 0, known = 0
    FROM (SELECT coalesce(sum(rows), 0) AS rows,
                 coalesce(sum(rows) FILTER (WHERE status = 'refused'), 0) AS refused,
                 coalesce(sum(rows) FILTER (WHERE status = 'left-out'), 0) AS left_out
          FROM import_rows WHERE district_id = %(district)s AND import_id = %(import)s) AS c
    WHERE district_id = %(district)s AND id = %(import)s
"""
_CLAIM = """
    UPDATE imports SET status = 'reading', attempt = attempt + 1, alive_at = %(alive)s
    WHERE district_id = %(district)s AND id = %(import)s
      AND (status = 'queued' OR (status = 'reading' AND alive_at < %(dead)s))
    RETURNING kind, source, status, starts, settings, actor, attempt
"""
_COUNT = """
    UPDATE imports SET done = done + %(done)s, recorded = recorded + %(recorded)s, known = known + %(known)s,
        refused = refused + %(refused)s, undone = undone + %(undone)s, alive_at = %(alive)s
    WHERE district_id = %(district)s AND id = %(import)s
"""
_FINISH = """
    UPDATE imports SET status = %(status)s, finished_at = %(now)s, alive_at = %(alive)s
    WHERE district_id = %(district)s AND id = %(import)s
"""


class End(NamedTuple):
    """What became of a line. `made_id`, `adjustment_id`: what it is now."""

    number: int
    rows: int
    status: str
    made_id: str | None = None
    adjustment_id: str | None = None
    reason: Reason | None = None


def claim_reading(uow: UnitOfWork, import_id: str, dead_since: datetime) -> Work | None:
    """Takes an import that is to be read, or whose reader has died; None if somebody else has it, or it isn't."""
    rows = uow.rows(
        _CLAIM, {"district": hex_of(uow.district_id), **_of(import_id), "alive": uow.real_now, "dead": dead_since}
    )
    return Work(*rows[0]) if rows else None


def keep_file(uow: UnitOfWork, import_id: str, content: bytes) -> None:
    """Keeps a file, sealed."""
    pieces = [content[start : start + PIECE_BYTES] for start in range(0, len(content), PIECE_BYTES)]
    sealed = [
        keyring().seal_bytes(piece, bound_to=bound(import_id, number, "piece")) for number, piece in enumerate(pieces)
    ]
    uow.write(
        _PIECES,
        {"import": hex_of(import_id), "numbers": number_array(list(range(len(pieces)))), "pieces": bytes_array(sealed)},
    )


def add_lines(uow: UnitOfWork, import_id: str, lines: Sequence[FileLine]) -> None:
    """Adds some lines of a file."""
    if not lines:
        return
    uow.write(
        _LINES,
        {
            "import": hex_of(import_id),
            "numbers": number_array([one.number for one in lines]),
            "counts": number_array([one.rows for one in lines]),
            "statuses": text_array([one.status for one in lines]),
            "sealed": bytes_array([_sealed(import_id, one) for one in lines]),
            "reasons": json_array([one.reason for one in lines]),
        },
    )


def _sealed(import_id: str, line: FileLine) -> bytes:
    content = orjson.dumps({"item": line.item, "cells": line.cells})
    return keyring().seal_bytes(content, bound_to=bound(import_id, line.number))


def end_lines(uow: UnitOfWork, import_id: str, ends: Sequence[End]) -> None:
    """Notes what became of some lines, and counts their rows."""
    uow.write(
        _ENDS,
        {
            "import": hex_of(import_id),
            "numbers": number_array([one.number for one in ends]),
            "statuses": text_array([one.status for one in ends]),
            "reasons": json_array([one.reason for one in ends]),
            "made": id_array([one.made_id for one in ends]),
            "adjustments": id_array([one.adjustment_id for one in ends]),
        },
    )
    counted = {
        name: sum(one.rows for one in ends if one.status == name) for name in ("recorded", "known", "refused", "undone")
    }
    done = counted["recorded"] + counted["known"] + counted["refused"]
    uow.write(_COUNT, {"import": hex_of(import_id), "alive": uow.real_now, "done": done, **counted})


def note_reading(
    uow: UnitOfWork, import_id: str, status: str, header: list[str], fields: dict[str, str], flaw: Reason | None
) -> None:
    """Notes what a file holds, or why it can't be read."""
    shown: dict[str, Any] = {"header": header, "fields": fields, "flaw": flaw}
    values = {name: None if value is None else orjson.dumps(value).decode() for name, value in shown.items()}
    uow.write(_READ, {"import": hex_of(import_id), "status": status, "alive": uow.real_now, **values})


def finish(uow: UnitOfWork, import_id: str, status: str) -> None:
    """Ends an import."""
    uow.write(_FINISH, {"import": hex_of(import_id), "status": status, "alive": uow.real_now})


def forget_lines(uow: UnitOfWork, import_id: str) -> None:
    """Lets all lines go: the file is read anew."""
    uow.write("DELETE FROM import_rows WHERE district_id = %(district)s AND import_id = %(import)s", _of(import_id))


def forget_file(uow: UnitOfWork, import_id: str) -> None:
    """Lets the file go."""
    uow.write("DELETE FROM import_pieces WHERE district_id = %(district)s AND import_id = %(import)s", _of(import_id))


def forget_contents(uow: UnitOfWork, import_id: str) -> None:
    """Lets all go that the file has said, and keeps what was made of it."""
    forget_file(uow, import_id)
    query = "UPDATE import_rows SET sealed = NULL WHERE district_id = %(district)s AND import_id = %(import)s AND sealed IS NOT NULL"
    uow.write(query, _of(import_id))
    done = "UPDATE imports SET is_forgotten = true WHERE district_id = %(district)s AND id = %(import)s"
    uow.write(done, _of(import_id))


def touch(uow: UnitOfWork, import_id: str) -> None:
    """Tells that its job lives."""
    query = "UPDATE imports SET alive_at = %(alive)s WHERE district_id = %(district)s AND id = %(import)s"
    uow.write(query, {**_of(import_id), "alive": uow.real_now})


def _of(import_id: str) -> dict[str, Any]:
    return {"import": hex_of(import_id)}
