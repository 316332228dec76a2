"""Verbs that keep the read models: events are counted as they are taken, and all can be counted anew from the books."""

from __future__ import annotations

from collections.abc import Sequence

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.jobs.relay import TakenEvent
from app.insights import queries, writing
from app.transactions import moves

VERSION = 1
"""Of what is kept, and how: districts whose read models are older are counted anew."""
_LOCK = "SELECT {lock}(hashtextextended(%s::uuid::text, 6))"
_SHARED, _ALONE = (_LOCK.format(lock=lock) for lock in ("pg_advisory_xact_lock_shared", "pg_advisory_xact_lock"))


def begin(uow: UnitOfWork) -> None:
    """Lets events be counted in a district in which nothing has happened yet."""
    writing.set_version(uow, VERSION)


def count(uow: UnitOfWork, events: Sequence[TakenEvent]) -> None:
    """Counts events in the commit that takes them, so that each counts once; not where all will be counted anew."""
    if not any(event.type in moves.KINDS for event in events):
        return
    uow.rows(_SHARED, (hex_of(uow.district_id),))
    if queries.version(uow) == VERSION:
        writing.add_hours(uow, moves.moved(uow, districts.ask_zone(uow)(), events))


def is_behind(uow: UnitOfWork) -> bool:
    """Whether the district's read models are of an older version, or missing."""
    return queries.version(uow) != VERSION


def count_anew(uow: UnitOfWork) -> int:
    """Forgets the read models and makes them from the books, as far as events have been taken; gives the hours' number.

    Nothing is taken meanwhile: events wait in the outbox, sales go on.
    """
    uow.rows(_ALONE, (hex_of(uow.district_id),))
    zone = districts.ask_zone(uow)()
    writing.clear(uow)
    writing.set_version(uow, VERSION)
    return sum(writing.add_hours(uow, moves.taken(uow, zone, store)) for store in districts.store_ids(uow))
