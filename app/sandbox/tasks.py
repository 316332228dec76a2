"""Jobs of this room."""

from __future__ import annotations

from app.districts import queries as districts
from app.foundation.apart import each_apart
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.jobs import queue
from app.foundation.tenancy import OPERATOR, system_principal
from app.sandbox import clocks, walking


def advance_clock(district_id: str) -> bool:
    """Does the advance of a sandbox's clock; says whether it came to its end."""
    return walking.advance(district_id)


def ask_waiting_advances() -> int:
    """Gives advances whose job was lost or has died another one, in every sandbox; says how many."""
    with unit_of_work(OPERATOR) as uow:
        ids = districts.sandboxes(uow)
    return each_apart(_ask_in_district, ((one,) for one in ids))


def _ask_in_district(district_id: str) -> int:
    with unit_of_work(system_principal(district_id)) as uow:
        is_left = clocks.is_left(uow)
    if is_left:
        queue.put_jobs([walking.job_of(district_id)])
    return int(is_left)
