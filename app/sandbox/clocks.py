"""The row of a test clock: by how much the district is ahead (or behind, below 0), and who is moving it.

The walker is the job that moves it. It has a number of its own: where another has taken its place, because it was
thought dead, it finds out at its next step and stops.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.sandbox import rules

DEAD_AFTER = timedelta(minutes=1)
"""A walker that hasn't made a step for so long has died, and another takes its place."""
_ASK = """
    INSERT INTO test_clocks AS c (district_id, advancing_from, advancing_to, alive_at)
    VALUES (%(district)s, %(now)s, %(to)s, %(real_now)s)
    ON CONFLICT (district_id) DO UPDATE
    SET advancing_from = excluded.advancing_from, advancing_to = excluded.advancing_to, walker = NULL,
        alive_at = excluded.alive_at
    WHERE c.advancing_to IS NULL
    RETURNING 1
"""
_TAKE = """
    UPDATE test_clocks SET walker = %(walker)s, alive_at = %(real_now)s
    WHERE district_id = %(district)s AND advancing_to IS NOT NULL AND (walker IS NULL OR alive_at < %(dead)s)
    RETURNING advancing_to
"""
_BEGIN = """
    INSERT INTO test_clocks AS c (district_id, ahead_us, alive_at) VALUES (%(district)s, %(ahead)s, %(real_now)s)
    ON CONFLICT (district_id) DO UPDATE SET ahead_us = excluded.ahead_us WHERE c.advancing_to IS NULL
    RETURNING 1
"""
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s::uuid::text, 2))"
_STEP = """
    UPDATE test_clocks SET ahead_us = ahead_us + %(step)s, alive_at = %(real_now)s
    WHERE district_id = %(district)s AND walker = %(walker)s RETURNING 1
"""
_FINISH = """
    UPDATE test_clocks SET advancing_from = NULL, advancing_to = NULL, walker = NULL
    WHERE district_id = %(district)s AND walker = %(walker)s RETURNING 1
"""


class Advance(NamedTuple):
    """A way that a clock is going."""

    start: datetime
    end: datetime


def under_way(uow: UnitOfWork) -> Advance | None:
    """The advance under way, if there is one."""
    query = "SELECT advancing_from, advancing_to FROM test_clocks WHERE district_id = %s AND advancing_to IS NOT NULL"
    rows = uow.rows(query, (hex_of(uow.district_id),))
    return Advance(*rows[0]) if rows else None


def ask_advance(uow: UnitOfWork, end: datetime) -> bool:
    """Lets the clock go to an instant; False where it is going already."""
    values = {"district": hex_of(uow.district_id), "now": uow.now, "to": end, "real_now": uow.real_now}
    return bool(uow.rows(_ASK, values))


def claim_walk(uow: UnitOfWork) -> tuple[str, datetime] | None:
    """The number of a new walker, and where it has to go; None where nothing is asked for, or a walker lives."""
    walker = hex_of(new_id("wlk"))
    rows = uow.rows(_TAKE, {**_now(uow), "walker": walker, "dead": uow.real_now - DEAD_AFTER})
    return (walker, rows[0][0]) if rows else None


def step(uow: UnitOfWork, walker: str, moment: datetime) -> bool:
    """Moves the clock to a moment that isn't over, once nobody is at work in the district; False for who was replaced.

    Whoever begins meanwhile waits, and has the new time.
    """
    uow.rows(_ALONE, (hex_of(uow.district_id),))
    missing = (moment - uow.clock()) // timedelta(microseconds=1)
    return bool(uow.rows(_STEP, {**_now(uow), "walker": walker, "step": max(0, missing)}))


def finish_advance(uow: UnitOfWork, walker: str) -> None:
    """The clock has arrived."""
    uow.rows(_FINISH, {**_now(uow), "walker": walker})


def _now(uow: UnitOfWork) -> dict[str, object]:
    return {"district": hex_of(uow.district_id), "real_now": uow.real_now}


def begin_at(uow: UnitOfWork, start: datetime) -> bool:
    """Lets a clock stand at an instant of the past, once nobody is at work in the district; False where it is going."""
    uow.rows(_ALONE, (hex_of(uow.district_id),))
    ahead = (start - uow.real_now) // timedelta(microseconds=1)
    return bool(uow.rows(_BEGIN, {**_now(uow), "ahead": ahead}))


def is_left(uow: UnitOfWork) -> bool:
    """Whether an advance waits for a walker, or its walker has died."""
    query = "SELECT FROM test_clocks WHERE district_id = %s AND advancing_to IS NOT NULL AND alive_at < %s"
    return bool(uow.rows(query, (hex_of(uow.district_id), uow.real_now - DEAD_AFTER)))


def is_within_reach(now: datetime, end: datetime) -> bool:
    """Whether a clock may go to an instant in one call: forwards, and not too far."""
    return now < end <= rules.latest(now)


def is_behind(uow: UnitOfWork, start: datetime) -> bool:
    """Whether an instant is in the past of a district, and not too far in everybody's."""
    return start < uow.now and uow.real_now <= rules.latest(start)
