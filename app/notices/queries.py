"""Reading notices."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of

_OF_MEMBERS = """
    SELECT id, kind, details, told_at, read_at FROM member_notices
    WHERE district_id = %(district)s AND member_id = ANY(%(members)s::uuid[]) ORDER BY id DESC LIMIT %(most)s
"""
_UNREAD = "SELECT count(*) FROM member_notices WHERE district_id = %s AND member_id = %s AND read_at IS NULL"


class InboxNotice(NamedTuple):
    """What a member was told. `details`: ids and figures that its words need."""

    id: str
    kind: str
    details: Mapping[str, Any]
    told_at: datetime
    read_at: datetime | None


def notices_of(uow: UnitOfWork, member_ids: Collection[str], most: int | None = None) -> list[InboxNotice]:
    """What members were told, newest first; all of it, or the last so many."""
    values = {"district": hex_of(uow.district_id), "members": id_array(sorted(member_ids)), "most": most}
    return [InboxNotice(f"mno_{one}", *more) for one, *more in uow.rows(_OF_MEMBERS, values)]


def unread(uow: UnitOfWork, member_id: str) -> int:
    """How many of a member's notices it has not read."""
    return int(uow.rows(_UNREAD, (hex_of(uow.district_id), hex_of(member_id)))[0][0])
