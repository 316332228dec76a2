"""`/v1/campaigns`."""

from __future__ import annotations

from collections.abc import Callable

from app.coupons.campaigns import answers, queries, schemas, services
from app.coupons.campaigns.present import page_of_campaigns, show_campaign, show_counts
from app.coupons.campaigns.putting_off import job_of
from app.coupons.campaigns.services import Changed
from app.coupons.errors import CampaignRuns, WrongCampaignState
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.foundation.problems import Forbidden

campaigns = Routes("campaigns", __name__, url_prefix="/v1/campaigns")


@campaigns.serve(
    "POST",
    "",
    scope="campaigns:write",
    body=schemas.CampaignBody(),
    answers={201: answers.CAMPAIGN},
    problems=(Forbidden,),
    audit="campaign.drafted",
)
def create_campaign(uow: UnitOfWork, call: Call) -> Answer:
    """Draft a campaign.

    A merchant's key drafts one of its own, if the district lets merchants (`merchant_campaigns` of the programme): paid by
    it wholly, at its own shops.
    """
    return Answer(show_campaign(uow, services.create_campaign(uow, call.body)), 201)


@campaigns.serve("GET", "", scope="campaigns:read", query=schemas.CAMPAIGNS, answers={200: answers.CAMPAIGNS})
def list_campaigns(uow: UnitOfWork, call: Call) -> Answer:
    """List campaigns: all to the alliance; to a merchant its own, and the alliance's that are published."""
    return Answer(page_of_campaigns(uow, call.query))


@campaigns.serve("GET", "/<cam:campaign_id>", scope="campaigns:read", answers={200: answers.COUNTED_CAMPAIGN})
def get_campaign(uow: UnitOfWork, call: Call, campaign_id: str) -> Answer:
    """Read a campaign, with what has become of its coupons."""
    campaign = queries.find_campaign(uow, campaign_id)
    return Answer({**show_campaign(uow, campaign), "counts": show_counts(uow, campaign)})


@campaigns.serve(
    "PATCH",
    "/<cam:campaign_id>",
    scope="campaigns:write",
    body=schemas.CampaignChange(),
    answers={200: answers.CAMPAIGN},
    problems=(Forbidden, CampaignRuns),
    audit="campaign.changed",
)
def change_campaign(uow: UnitOfWork, call: Call, campaign_id: str) -> Answer:
    """Change a campaign: a draft at will; a published one only to give more.

    That is higher limits, later ends, more shops, a lower minimum, other words. A later end also holds for the coupons that are out.
    """
    campaign = services.change_campaign(uow, campaign_id, call.body)
    jobs = (job_of(uow.district_id, campaign.id),) if campaign.published_at and "validity" in call.body else ()
    return Answer(show_campaign(uow, campaign), jobs=jobs)


def _shown(uow: UnitOfWork, changed: Changed) -> Answer:
    return Answer(show_campaign(uow, changed.campaign), audited={} if changed.is_new else None)


def _act(verb: str, done: str) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """The route of something that is done with a campaign."""
    return campaigns.serve(
        "POST",
        f"/<cam:campaign_id>/{verb}",
        scope="campaigns:write",
        answers={200: answers.CAMPAIGN},
        problems=(Forbidden, WrongCampaignState),
        audit=f"campaign.{done}",
    )


@_act("publish", "published")
def publish_campaign(uow: UnitOfWork, call: Call, campaign_id: str) -> Answer:
    """Publish a draft. It runs at once, or from the beginning of its claim window on."""
    return _shown(uow, services.publish_campaign(uow, campaign_id))


@_act("pause", "paused")
def pause_campaign(uow: UnitOfWork, call: Call, campaign_id: str) -> Answer:
    """Let a campaign rest: nothing of it is issued or redeemed. One that has ended can rest, too."""
    return _shown(uow, services.pause_campaign(uow, campaign_id))


@_act("resume", "resumed")
def resume_campaign(uow: UnitOfWork, call: Call, campaign_id: str) -> Answer:
    """Let a campaign that rests go on."""
    return _shown(uow, services.resume_campaign(uow, campaign_id))


@_act("end", "ended")
def end_campaign(uow: UnitOfWork, call: Call, campaign_id: str) -> Answer:
    """End a campaign for good: nothing of it is issued any more. Coupons that are out stay usable."""
    return _shown(uow, services.end_campaign(uow, campaign_id))
