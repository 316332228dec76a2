"""A test clock on its way: it stops at each moment at which a job of the district has something to do, and has it done.

Three years have 26,000 hours, and a thousand midnights at most: jobs tell their moments instead of being run each hour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from psycopg import errors as pg

from app.foundation.apart import each_apart, ends_all
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.jobs.queue import LONG, Job
from app.foundation.tenancy import system_principal
from app.sandbox import clocks

PATIENCE = 20
"""How often a step is tried while somebody is at work in the district for longer than a lock is waited for."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A job of the timetable in one district: `work` does what is due there now, and may be done twice.

    `next_at` tells the first instant after now at which there will be something to do, as far as is known now.
    """

    work: Callable[[str], int]
    next_at: Callable[[UnitOfWork], datetime | None]


ERRANDS: list[Errand] = []
"""In the order in which they are done at one moment. `app/wiring.py` fills it."""


def job_of(district_id: str) -> Job:
    """The job that does an advance."""
    return Job("app.sandbox.tasks.advance_clock", (district_id,), LONG)


def advance(district_id: str) -> bool:
    """Does the advance that is asked for; says whether it came to its end.

    An errand that fails is logged and counted and holds up neither the others nor the clock; the first failure is raised
    at the end.
    """
    with unit_of_work(system_principal(district_id)) as uow:
        taken = clocks.claim_walk(uow)
    if taken is None:
        return False
    walk = _Walk(district_id, *taken)
    if not walk.to_the_end():
        return False
    if walk.failures:
        raise walk.failures[0]
    return True


class _Walk:
    def __init__(self, district_id: str, walker: str, end: datetime) -> None:
        self._district_id = district_id
        self._walker = walker
        self._end = end
        self.failures: list[Exception] = []

    def to_the_end(self) -> bool:
        """False where another walker has taken over."""
        self._do(ERRANDS)
        moment: datetime | None = None
        while moment != self._end:
            moment, due = self._next_stop()
            if not self._step(moment):
                return False
            self._do(due)
        with unit_of_work(system_principal(self._district_id)) as uow:
            clocks.finish_advance(uow, self._walker)
        return True

    def _next_stop(self) -> tuple[datetime, Sequence[Errand]]:
        """The next moment, and what is to be done then; at the end of the way everything."""
        with unit_of_work(system_principal(self._district_id)) as uow:
            moments = [(errand, errand.next_at(uow)) for errand in ERRANDS]
        first = min((at for _, at in moments if at is not None), default=self._end)
        if first >= self._end:
            return self._end, ERRANDS
        return first, [errand for errand, at in moments if at == first]

    def _step(self, moment: datetime) -> bool:
        for _ in range(PATIENCE - 1):
            with suppress(pg.LockNotAvailable):
                return self._try_step(moment)
        return self._try_step(moment)

    def _try_step(self, moment: datetime) -> bool:
        with unit_of_work(system_principal(self._district_id)) as uow:
            return clocks.step(uow, self._walker, moment)

    def _do(self, errands: Iterable[Errand]) -> None:
        for errand in errands:
            try:
                each_apart(errand.work, [(self._district_id,)])
            except Exception as error:
                if ends_all(error):
                    raise
                self.failures.append(error)
