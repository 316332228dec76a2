"""Jobs of this wing."""

from __future__ import annotations

from app.coupons.giving import days, queries, targeting
from app.districts.walking import give_again, in_every_district


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
    return give_again(
        district_id,
        lambda uow: [
            targeting.job_of(district_id, one)
            for one in queries.waiting_issues(uow, uow.real_now - targeting.DEAD_AFTER)
        ],
    )
