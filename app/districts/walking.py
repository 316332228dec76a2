"""The one loop over all districts that jobs have, and what it does about jobs that are lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.districts.queries import all_district_ids
from app.foundation.apart import each_apart
from app.foundation.database.everywhere import learn_places
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.jobs import queue
from app.foundation.jobs.queue import Job
from app.foundation.tenancy import OPERATOR, OPERATOR_DISTRICT, system_principal


def in_every_district(work: Callable[[str], int], *, operator_too: bool = False) -> int:
    """Adds up what some work gives for each district's id; one that fails holds up no other (see `each_apart`)."""
    with unit_of_work(OPERATOR) as uow:
        ids = all_district_ids(uow)
    learn_places()
    return each_apart(work, ((one,) for one in ([OPERATOR_DISTRICT] if operator_too else []) + ids))


def give_again(district_id: str, lost: Callable[[UnitOfWork], Sequence[Job]]) -> int:
    """Puts jobs of a district into their queues that were lost, or have died; says how many."""
    with unit_of_work(system_principal(district_id)) as uow:
        jobs = lost(uow)
    queue.put_jobs(jobs)
    return len(jobs)


def once_in_every_district(work: Callable[[UnitOfWork], int], *, operator_too: bool = False) -> int:
    """The same for work that is one unit of work in each."""

    def in_one(district_id: str) -> int:
        with unit_of_work(system_principal(district_id)) as uow:
            return work(uow)

    return in_every_district(in_one, operator_too=operator_too)
