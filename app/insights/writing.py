"""Rows of read models, written in sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from app.foundation.database.sql_arrays import id_array, number_array, text_array, unnested
from app.foundation.database.unit_of_work import Row, UnitOfWork
from app.foundation.ids import hex_of
from app.insights.kept import MEMBER_FACTS, Kept

_MAKERS = {"uuid": id_array, "date": text_array, "timestamptz": text_array}
_ROWS_A_STATEMENT = 10_000
_SET_VERSION = """
    INSERT INTO read_models (district_id, version, counted_at) VALUES (%(district)s::uuid, %(version)s, %(now)s)
    ON CONFLICT (district_id) DO UPDATE SET version = excluded.version, counted_at = excluded.counted_at
"""
_TAKE_FACTS = f"""
    DELETE FROM {MEMBER_FACTS.table} WHERE district_id = %s AND member_id = ANY(%s::uuid[])
    RETURNING member_id, {", ".join(MEMBER_FACTS.totals)}, {MEMBER_FACTS.latest}::text
"""


def set_version(uow: UnitOfWork, version: int) -> None:
    """Says that the read models are of this version from now on."""
    uow.write(_SET_VERSION, {"version": version})


@cache
def _types(kept: Kept) -> dict[str, str]:
    return {**kept.keys, **dict.fromkeys(kept.totals, "bigint"), **({kept.latest: "date"} if kept.latest else {})}


@cache
def _add(kept: Kept) -> str:
    """Adds to what is there; columns are as `Kept.summed` gives them."""
    sums = [f"{name} = {kept.table}.{name} + excluded.{name}" for name in kept.totals]
    if kept.latest:
        sums.append(f"{kept.latest} = greatest({kept.table}.{kept.latest}, excluded.{kept.latest})")
    return f"""
        INSERT INTO {kept.table} (district_id, {", ".join(kept.columns)})
        VALUES (%(district)s::uuid, {unnested(**_types(kept))})
        ON CONFLICT (district_id, {", ".join(kept.keys)}) DO UPDATE SET {", ".join(sums)}
    """


def add(uow: UnitOfWork, kept: Kept, rows: Sequence[Row]) -> int:
    """Adds rows to a table of sums, given in the order of their keys, in which they are locked; gives their number."""
    some = [row for row in rows if any(row[len(kept.keys) :])]
    for start in range(0, len(some), _ROWS_A_STATEMENT):
        columns = zip(kept.columns, zip(*some[start : start + _ROWS_A_STATEMENT], strict=True), strict=True)
        uow.write(_add(kept), {name: _MAKERS.get(_types(kept)[name], number_array)(column) for name, column in columns})
    return len(some)


def take_facts(uow: UnitOfWork, member_ids: Iterable[str]) -> list[Row]:
    """Takes away what is kept of members: id, sums, and when they last bought."""
    return uow.rows(_TAKE_FACTS, (hex_of(uow.district_id), id_array(sorted(member_ids))))


def clear(uow: UnitOfWork, kept: Kept) -> None:
    """Empties a table of the district."""
    uow.execute(f"DELETE FROM {kept.table} WHERE district_id = %s", (hex_of(uow.district_id),))
