"""Jobs of this wing."""

from __future__ import annotations

from app.coupons.giving import days, queries, targeting
from app.districts.walking import in_every_district
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.jobs import queue
from app.foundation.tenancy import system_principal


def run_issue(district_id: str, issue_id: str) -> None:
    """Gives what is still to be given of an issue."""
    targeting.run_issue(district_id, issue_id)


def give_by_days() -> int:
    """Gives coupons before birthdays, and to those who haven't bought for long, in every district."""
    return in_every_district(days.give_of_day)


def ask_waiting_issues() -> int:
    """Gives issues that have lost their job, or waited for the end of a pause, another one, in every district; says how many."""
    return in_every_district(_ask_in_district)


def _ask_in_district(district_id: str) -> int:
    with unit_of_work(system_principal(district_id)) as uow:
        waiting = queries.waiting_issues(uow, uow.real_now - targeting.DEAD_AFTER)
    jobs = [targeting.job_of(district_id, one) for one in waiting]
    queue.put_jobs(jobs)
    return len(jobs)
