"""All unused coupons of a campaign are taken back: asked for at once, done in the queue, set by set.

Each set is a commit of its own, and what is taken back isn't found again: a job can die anywhere, and another goes on. Codes that
were ordered before are made first, so that none comes later.
"""

from __future__ import annotations

from app.coupons.bulk import queries
from app.coupons.bulk.making import ATTEMPTS, make_codes
from app.coupons.campaigns.models import Campaign
from app.coupons.campaigns.services import lock_own, refuse_draft
from app.coupons.issuing.voiding import take_back
from app.foundation.database.unit_of_work import UnitOfWork, retrying, unit_of_work
from app.foundation.ids import hex_of
from app.foundation.jobs.queue import LONG, Job
from app.foundation.tenancy import system_principal

COUPONS_A_SET = 500
_ASK = """
    INSERT INTO campaign_voids (district_id, campaign_id, asked_at, reason, alive_at)
    VALUES (%(district)s, %(campaign)s, %(now)s, %(reason)s, %(alive)s)
    ON CONFLICT (district_id, campaign_id)
        DO UPDATE SET asked_at = EXCLUDED.asked_at, reason = EXCLUDED.reason, alive_at = EXCLUDED.alive_at
"""


def order_void(uow: UnitOfWork, campaign_id: str, reason: str) -> Campaign:
    """Lets a job take back what has been issued of a campaign up to now and isn't used. Again: up to then, for the new reason.

    Raises NotFound, Forbidden, WrongCampaignState for a draft.
    """
    campaign = lock_own(uow, campaign_id)
    refuse_draft(uow, campaign)
    values = {"campaign": hex_of(campaign.id), "reason": reason, "alive": uow.real_now}
    uow.write(_ASK, values)
    return campaign


def job_of(district_id: str, campaign_id: str) -> Job:
    """The job that takes back a campaign's coupons."""
    return Job("app.coupons.bulk.tasks.void_campaign", (district_id, campaign_id), LONG)


def void_campaign(district_id: str, campaign_id: str) -> int:
    """Takes back what was asked for; says how many coupons these were."""
    total = 0
    for batch_id in _codes_to_come(district_id, campaign_id):
        make_codes(district_id, batch_id)
    while done := retrying(ATTEMPTS, lambda: _void_some(district_id, campaign_id)):
        total += done
    return total


def _codes_to_come(district_id: str, campaign_id: str) -> list[str]:
    with unit_of_work(system_principal(district_id)) as uow:
        asked = queries.find_void(uow, campaign_id)
        return [] if asked is None else queries.open_batches_of(uow, campaign_id, asked.asked_at)


def _void_some(district_id: str, campaign_id: str) -> int:
    """Takes back the next set; none at the end, where what was asked for is forgotten."""
    with unit_of_work(system_principal(district_id)) as uow:
        asked = queries.find_void(uow, campaign_id, lock=True)
        if asked is None:
            return 0
        found = queries.open_coupons_of(uow, campaign_id, asked.asked_at, COUPONS_A_SET)
        if not found:
            uow.session.delete(asked)
            return 0
        asked.alive_at = uow.real_now
        take_back(uow, found, asked.reason)
        return len(found)
