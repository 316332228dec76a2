"""A member who claims something: what other rooms may know of it, held still until the commit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.members import queries, services

_FREE = """
    SELECT id FROM members WHERE district_id = %s AND id = ANY(%s::uuid[]) AND status = 'active'
    ORDER BY id FOR UPDATE SKIP LOCKED
"""


class Claimant(NamedTuple):
    """A member who is there. `returned`: it left within a year and came back, and is nobody's first customer."""

    id: str
    since: datetime
    tags: tuple[str, ...]
    returned: bool
    is_frozen: bool


def ask_free(uow: UnitOfWork, member_ids: Collection[str]) -> Asked[set[str]]:
    """Holds those of some members who are there, not frozen, and held by nobody else; call the result for their ids."""
    cursor = uow.execute(_FREE, (hex_of(uow.district_id), id_array(sorted(member_ids))))
    return lambda: {f"mem_{member}" for (member,) in cursor.fetchall()}


def lock_claimant(uow: UnitOfWork, member_id: str, *, reads_facts: bool) -> Claimant:
    """The member, or whom it became part of, held still: whoever freezes, merges or erases it comes before or after.

    `reads_facts`: what comes of it tells of the member, so a merchant needs the member's proof. Raises NotFound, MemberUnproven.
    """
    if reads_facts:
        member_id = queries.find_readable(uow, member_id).id
    member = services.lock_present(uow, member_id)
    return Claimant(member.id, member.created_at, tuple(member.tags), member.returned, member.status == "frozen")
