"""`/v1/test-clock`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.sandbox import answers, clocks, rules, schemas, services, walking
from app.sandbox.errors import ClockAdvancing

test_clock = Routes("test_clock", __name__, url_prefix="/v1/test-clock")
ROOMS = (test_clock,)


def _show_clock(uow: UnitOfWork, now: datetime) -> dict[str, Any]:
    way = clocks.under_way(uow)
    done = way and {"from": format_instant(way.start), "percent": rules.percent(way.start, now, way.end)}
    return {
        "object": "test_clock",
        "now": format_instant(now),
        "status": "ready" if way is None else "advancing",
        "advancing_to": way and format_instant(way.end),
        "progress": done,
    }


@test_clock.serve("GET", "", scope="programme:read", sandbox_only=True, answers={200: answers.TEST_CLOCK})
def get_test_clock(uow: UnitOfWork, call: Call) -> Answer:
    """Read the test clock: what time it is in this sandbox, and how far an advance is."""
    return Answer(_show_clock(uow, uow.now))


@test_clock.serve(
    "POST",
    "",
    scope="programme:write",
    alliance_only=True,
    sandbox_only=True,
    body=schemas.AdvanceBody(),
    answers={202: answers.TEST_CLOCK},
    problems=(ClockAdvancing,),
    audit="test_clock.advanced",
)
def advance_test_clock(uow: UnitOfWork, call: Call) -> Answer:
    """Let the time of this sandbox go forwards, by seconds or to an instant, by up to three years.

    Before anybody has joined or bought something, `begin_at` sets it to an instant in the past: its history begins there.

    Jobs that fall due on the way (expiry, notices, tiers) are done in order, at their time; then `status` is `ready`, and
    the new time holds for everything of the district. Sales reported meanwhile are recorded at the time reached so far.
    """
    begin_at = call.body.pop("begin_at")
    if begin_at is not None:
        services.begin(uow, begin_at)
        return Answer(_show_clock(uow, begin_at), 202)
    services.advance(uow, **call.body)
    return Answer(_show_clock(uow, uow.now), 202, jobs=(walking.job_of(uow.district_id),))
