"""Verbs that keep the read models: events are counted as they are taken, and all can be counted anew from the books."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.districts import queries as districts
from app.foundation.database.local_days import shifts_of_all
from app.foundation.database.sql_arrays import id_array, json_array, text_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.jobs.relay import TakenEvent
from app.insights import kept, queries, writing
from app.insights.kept import MEMBER_FACTS, Kept
from app.members import queries as members
from app.members.events import MemberErased, MemberMerged

VERSION = 2
"""Of what is kept, and how: districts whose read models are older are counted anew."""
_LOCK = "SELECT {lock}(hashtextextended(%s::uuid::text, 6))"
_SHARED, _ALONE = (_LOCK.format(lock=lock) for lock in ("pg_advisory_xact_lock_shared", "pg_advisory_xact_lock"))
_GOING = (MemberMerged.type, MemberErased.type)
_KINDS = frozenset(_GOING).union(*(one.kinds for one in kept.ALL))
_MEMBERS_A_SLICE = 5_000


def begin(uow: UnitOfWork) -> None:
    """Lets events be counted in a district in which nothing has happened yet."""
    writing.set_version(uow, VERSION)


def count(uow: UnitOfWork, events: Sequence[TakenEvent]) -> None:
    """Counts events in the commit that takes them, so that each counts once; not where all will be counted anew.

    Whose a sale is can change under who counts it: events of members who go are taken alone.
    """
    told = [event for event in events if event.type in _KINDS]
    if not told:
        return
    went = [event for event in told if event.type in _GOING]
    uow.rows(_ALONE if went else _SHARED, (hex_of(uow.district_id),))
    if queries.version(uow) != VERSION:
        return
    values = {
        **_values(uow),
        "type": text_array([event.type for event in told]),
        "payload": json_array([event.payload for event in told]),
    }
    kinds = {event.type for event in told}
    for one in kept.ALL:
        if not one.kinds.isdisjoint(kinds):
            writing.add(uow, one, uow.rows(one.told, values))
    if went:
        _follow(uow, {event.payload["member_id"] for event in went})


def _follow(uow: UnitOfWork, member_ids: set[str]) -> None:
    """Lets what was kept of members who became part of others be those others', and forgets it of those who left."""
    survivors = {member_id: members.survivor_of(uow, member_id) for member_id in member_ids}
    gone = {one.id for one in members.members_of(uow, survivors.values()).values() if one.is_gone}
    for member, *facts in writing.take_facts(uow, member_ids):
        survivor = survivors[f"mem_{member}"]
        if survivor not in gone:
            writing.add(uow, MEMBER_FACTS, [(survivor, *facts)])


def is_behind(uow: UnitOfWork) -> bool:
    """Whether the district's read models are of an older version, or missing."""
    return queries.version(uow) != VERSION


def count_anew(uow: UnitOfWork) -> int:
    """Forgets the read models and makes them from the books, as far as events have been taken; gives the rows' number.

    Nothing is taken meanwhile: events wait in the outbox, sales go on.
    """
    uow.rows(_ALONE, (hex_of(uow.district_id),))
    values = _values(uow)
    for one in kept.ALL:
        writing.clear(uow, one)
    writing.set_version(uow, VERSION)
    return sum(
        writing.add(uow, one, uow.rows(one.taken, {**values, "slice": part}))
        for one in kept.ALL
        for part in _slices(uow, one)
    )


def _values(uow: UnitOfWork) -> Mapping[str, Any]:
    return {"district": hex_of(uow.district_id), **shifts_of_all(districts.ask_zone(uow)(), uow.now.date())}


def _slices(uow: UnitOfWork, one: Kept) -> Iterator[Any]:
    """Ids by which a table is counted bit by bit: each store, some thousands of members; None where it is small."""
    if one.sliced_by == "store_id":
        yield from (id_array([store]) for store in districts.store_ids(uow))
    elif one.sliced_by == "member_id":
        yield from map(id_array, members.ids_in_sets(uow, _MEMBERS_A_SLICE))
    else:
        yield None
