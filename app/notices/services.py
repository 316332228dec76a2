"""Verbs that write notices. They only add, in the commit of what is told, so each is told once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from app.foundation.database.sql_arrays import id_array, json_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.notices.rules import KEPT_DAYS, TOLD, Notice

_TELL = f"""
    INSERT INTO member_notices (district_id, told_at, id, member_id, kind, details)
    VALUES (%(district)s::uuid, %(now)s::timestamptz,
            {unnested(id="uuid", member_id="uuid", kind="text", details="jsonb")})
"""
_READ = """
    UPDATE member_notices SET read_at = %(now)s
    WHERE district_id = %(district)s AND member_id = %(member)s AND read_at IS NULL
"""
_MOVE = "UPDATE member_notices SET member_id = %(into)s WHERE district_id = %(district)s AND member_id = %(member)s"
_FORGET = "DELETE FROM member_notices WHERE district_id = %s AND member_id = %s"
_FORGET_OLD = "DELETE FROM member_notices WHERE district_id = %s AND told_at < %s"


def notice(uow: UnitOfWork, events: Sequence[Any]) -> None:
    """Keeps what members are told of events of one kind."""
    tell(uow, (told for told in map(TOLD[type(events[0])], events) if told is not None))


def tell(uow: UnitOfWork, notices: Iterable[Notice]) -> None:
    """Keeps notices, in one statement."""
    kept = list(notices)
    if not kept:
        return
    uow.write(
        _TELL,
        {
            "id": id_array([new_id("mno") for _ in kept]),
            "member_id": id_array([one.member_id for one in kept]),
            "kind": text_array([one.kind for one in kept]),
            "details": json_array([one.details for one in kept]),
        },
    )


def mark_read(uow: UnitOfWork, member_id: str) -> None:
    """The member has read all there are."""
    uow.write(_READ, {"member": hex_of(member_id)})


def move(uow: UnitOfWork, member_id: str, into_id: str) -> None:
    """Notices of one who was merged are the survivor's."""
    uow.write(_MOVE, {"member": hex_of(member_id), "into": hex_of(into_id)})


def forget(uow: UnitOfWork, member_id: str) -> None:
    """Forgets the notices of who has left."""
    uow.execute(_FORGET, (hex_of(uow.district_id), hex_of(member_id)))


def forget_older(uow: UnitOfWork) -> int:
    """Forgets what was told long ago; gives the number."""
    since = uow.now - timedelta(days=KEPT_DAYS)
    return uow.execute(_FORGET_OLD, (hex_of(uow.district_id), since)).rowcount
