"""Jobs of this room."""

from __future__ import annotations

from app.districts.walking import in_every_district
from app.foundation.jobs import queue
from app.transactions.replays import services


def run_replay(district_id: str, replay_id: str) -> bool:
    """Does a replay that waits; says whether it came to its end."""
    return services.run_replay(district_id, replay_id)


def ask_waiting_replays() -> int:
    """Gives replays whose job was lost or has died another one, in every district; says how many.

    One that has a job already may get a second: only the first to come does it.
    """
    return in_every_district(_ask_in_district)


def _ask_in_district(district_id: str) -> int:
    waiting = [services.job_of(district_id, replay_id) for replay_id in services.waiting(district_id)]
    queue.put_jobs(waiting)
    return len(waiting)
