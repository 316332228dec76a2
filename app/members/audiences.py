"""Members for whom something is meant: page by page in the order of their ids, and what they said of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from app.foundation.database.sql_arrays import id_array, text_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of

_PAGE = """
    SELECT m.id, m.created_at, m.tags, m.returned FROM members AS m
    WHERE m.district_id = %(district)s AND m.id > %(after)s AND m.created_at <= %(until)s
      AND m.status IN ('active', 'frozen') AND (%(merchants)s::uuid[] IS NULL OR EXISTS (
        SELECT FROM merchant_memberships AS s
        WHERE s.district_id = %(district)s AND s.member_id = m.id AND s.merchant_id = ANY(%(merchants)s::uuid[])
          AND (s.proved_at IS NOT NULL OR NOT %(proven)s)
    ))
    ORDER BY m.id LIMIT %(most)s
"""
_LOCK = """
    SELECT id, status FROM members WHERE district_id = %s AND id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE
"""
_SURVIVORS = "SELECT id, merged_into FROM members WHERE district_id = %s AND id = ANY(%s::uuid[])"
_WITHDRAWN = """
    SELECT DISTINCT member_id FROM (
        SELECT DISTINCT ON (member_id, controller) member_id, granted FROM consents
        WHERE district_id = %s AND member_id = ANY(%s::uuid[]) AND purpose = %s AND controller = ANY(%s::text[])
        ORDER BY member_id, controller, id DESC
    ) AS last WHERE NOT granted
"""
FIRST = f"mem_{'0' * 32}"
"""Before any member."""


class Prospect(NamedTuple):
    """A member who may be meant. `returned`: it left within a year and came back, and is nobody's first customer."""

    id: str
    since: datetime
    tags: tuple[str, ...]
    returned: bool


def prospects_after(
    uow: UnitOfWork, after: str, until: datetime, most: int, *, merchant_ids: Sequence[str] = (), proven: bool = False
) -> list[Prospect]:
    """Members who joined no later than an instant: of some merchants, if any are named; `proven`: by their own act."""
    rows = uow.rows(
        _PAGE,
        {
            "district": hex_of(uow.district_id),
            "after": hex_of(after),
            "until": until,
            "merchants": id_array(merchant_ids) if merchant_ids else None,
            "proven": proven,
            "most": most,
        },
    )
    return [Prospect(f"mem_{one}", since, tuple(tags), returned) for one, since, tags, returned in rows]


def hold_active(uow: UnitOfWork, member_ids: Collection[str]) -> set[str]:
    """Holds members until the commit, in the order of their ids; gives those who are there and aren't frozen."""
    rows = uow.rows(_LOCK, (hex_of(uow.district_id), id_array(list(member_ids))))
    return {f"mem_{one}" for one, status in rows if status == "active"}


def survivors_of(uow: UnitOfWork, member_ids: Collection[str]) -> dict[str, str]:
    """Whom ids lead to: themselves, or whom they became part of; unknown ones aren't in it."""
    rows = uow.rows(_SURVIVORS, (hex_of(uow.district_id), id_array(list(member_ids))))
    return {f"mem_{one}": f"mem_{into or one}" for one, into in rows}


def withdrawn(uow: UnitOfWork, member_ids: Collection[str], purpose: str, controllers: Collection[str]) -> set[str]:
    """Those of some members who have withdrawn their consent for a purpose from any of some controllers."""
    values = (hex_of(uow.district_id), id_array(list(member_ids)), purpose, text_array(list(controllers)))
    return {f"mem_{one}" for (one,) in uow.rows(_WITHDRAWN, values)}
