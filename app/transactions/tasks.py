"""Jobs of this room."""

from __future__ import annotations

from app.districts.queries import all_district_ids
from app.foundation import queue
from app.foundation.runtime import runtime
from app.foundation.tenancy import OPERATOR
from app.foundation.unit_of_work import unit_of_work
from app.transactions import replaying


def run_replay(district_id: str, replay_id: str) -> bool:
    """Does a replay that waits; says whether it came to its end."""
    return replaying.run(district_id, replay_id)


def ask_waiting_replays() -> int:
    """Gives replays whose job was lost or has died another one, in every district; says how many.

    One that has a job already may get a second: only the first to come does it.
    """
    with unit_of_work(OPERATOR) as uow:
        districts = all_district_ids(uow)
    waiting = [replaying.job_of(one, replay_id) for one in districts for replay_id in replaying.waiting(one)]
    queue.put(runtime().settings.redis_url, waiting)
    return len(waiting)
