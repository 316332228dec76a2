"""Jobs of this wing."""

from __future__ import annotations

from app.coupons.bulk import making, queries, voiding
from app.coupons.campaigns import putting_off
from app.districts.walking import in_every_district
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.jobs import queue
from app.foundation.tenancy import system_principal


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
    with unit_of_work(system_principal(district_id)) as uow:
        dead_since = uow.real_now - making.DEAD_AFTER
        jobs = [making.job_of(district_id, one) for one in queries.waiting_batches(uow, dead_since)]
        jobs += [voiding.job_of(district_id, one) for one in queries.waiting_voids(uow, dead_since)]
        jobs += [putting_off.job_of(district_id, one) for one in putting_off.waiting(uow, dead_since)]
    queue.put_jobs(jobs)
    return len(jobs)
