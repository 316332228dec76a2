"""Jobs of this room."""

from __future__ import annotations

from app.districts.queries import all_district_ids
from app.foundation.tenancy import OPERATOR
from app.foundation.unit_of_work import unit_of_work
from app.transactions import replaying


def run_replay(district_id: str, replay_id: str) -> bool:
    """Does a replay that waits; says whether it came to its end."""
    return replaying.run(district_id, replay_id)


def run_waiting_replays() -> int:
    """Does replays whose job was lost or has died, in every district; gives how many came to their end."""
    with unit_of_work(OPERATOR) as uow:
        districts = all_district_ids(uow)
    return sum(
        replaying.run(district_id, replay_id)
        for district_id in districts
        for replay_id in replaying.waiting(district_id)
    )
