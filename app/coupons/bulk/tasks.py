"""Jobs of this wing."""

from __future__ import annotations

from app.coupons.bulk import making, queries, voiding
from app.coupons.campaigns import putting_off
from app.districts.walking import give_again, in_every_district
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.jobs.queue import Job


def make_codes(district_id: str, batch_id: str) -> None:
    """Makes what is still to be made of a batch of codes."""
    making.make_codes(district_id, batch_id)


def void_campaign(district_id: str, campaign_id: str) -> int:
    """Takes back a campaign's unused coupons; says how many these were."""
    return voiding.void_campaign(district_id, campaign_id)


def ask_waiting_bulks() -> int:
    """Gives what is done in bulk, and has lost its job, another one, in every district; says how many."""
    return in_every_district(ask_in_district)


def ask_in_district(district_id: str) -> int:
    """The same in one district."""

    def lost(uow: UnitOfWork) -> list[Job]:
        dead_since = uow.real_now - making.DEAD_AFTER
        return [
            *(making.job_of(district_id, one) for one in queries.waiting_batches(uow, dead_since)),
            *(voiding.job_of(district_id, one) for one in queries.waiting_voids(uow, dead_since)),
            *(putting_off.job_of(district_id, one) for one in putting_off.waiting(uow, dead_since)),
        ]

    return give_again(district_id, lost)
