"""Jobs of this room."""

from __future__ import annotations

from app.districts.walking import in_every_district
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.jobs import queue
from app.foundation.tenancy import system_principal
from app.settlement import closing, queries


def close_period(district_id: str, period_id: str) -> bool:
    """Closes a period that is asked for; says whether this did it."""
    return closing.close(district_id, period_id)


def gather_journals() -> int:
    """Opens periods that have begun, and gathers what has been recorded of the first that isn't closed, in every district."""
    return in_every_district(closing.gather)


def ask_waiting_closes() -> int:
    """Gives periods that are to be closed, and whose job was lost or has died, another one, in every district; says how many."""
    return in_every_district(_ask_in_district)


def _ask_in_district(district_id: str) -> int:
    with unit_of_work(system_principal(district_id)) as uow:
        period = queries.first_not_closed(uow)
    if period is None or period.status != "closing":
        return 0
    queue.put_jobs([closing.job_of(district_id, period.id)])
    return 1
