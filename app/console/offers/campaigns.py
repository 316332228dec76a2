"""`/console/campaigns`: what there is, a campaign in words and figures, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from app.console.door import console, must
from app.console.lists import listing
from app.console.offers.shops import surroundings
from app.console.places import HOME
from app.coupons.bulk import queries as bulk
from app.coupons.bulk import voiding
from app.coupons.bulk.present import show_code_batch
from app.coupons.bulk.schemas import CampaignVoidBody
from app.coupons.campaigns import queries, schemas, services
from app.coupons.campaigns.present import page_of_campaigns, show_campaign, show_counts
from app.coupons.campaigns.services import Changed
from app.coupons.campaigns.words import worth_of
from app.coupons.giving import queries as giving
from app.coupons.giving.present import show_issue
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.insights import queries as insights
from app.insights.rules import FIGURES
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage

HERE = f"{HOME}/campaigns"
READ, WRITE, ISSUE = "campaigns:read", "campaigns:write", "coupons:issue"
_MOST_ERRANDS, _DAYS = 20, 30


@console.page("/campaigns")
def campaigns(uow: UnitOfWork, visit: Visit) -> Handed:
    """Campaigns, newest first, each with its state by the clock and what has become of its coupons."""
    must(visit, READ)
    asked = listing(HERE, schemas.CAMPAIGNS, exported_as="campaigns")
    found = page_of_campaigns(uow, asked.query)
    rows = [{**one, "worth": worth_of(one)} for one in found["data"]]
    own = visit.principal.merchant_id
    counted = [one["id"] for one in rows if own in (None, one["merchant_id"])]
    values = {
        "listing": asked.showing([one["id"] for one in rows], has_more=found["has_more"]),
        "campaigns": rows,
        "counts": queries.totals_of(uow, counted),
        "may_draft": visit.principal.may(WRITE) and services.may_run(uow, own),
    }
    return WebPage("console/campaigns.html", {**values, **surroundings(uow)})


@console.page("/campaigns/<cam:campaign_id>")
def campaign(uow: UnitOfWork, visit: Visit, campaign_id: str) -> Handed:
    """A campaign: what it gives in words, what has become of it, and what can be done."""
    must(visit, READ)
    row = queries.find_campaign(uow, campaign_id)
    is_own = visit.principal.merchant_id in (None, row.merchant_id)
    reads_codes = is_own and visit.principal.may("coupons:read")
    values = {
        "campaign": {**show_campaign(uow, row), "worth": worth_of(row.terms)},
        "counts": show_counts(uow, row),
        "batches": [show_code_batch(one) for one in bulk.code_batches_of(uow, row.id, _MOST_ERRANDS)]
        if reads_codes
        else [],
        "issues": [show_issue(one) for one in giving.issues_of(uow, row.id, _MOST_ERRANDS)] if reads_codes else [],
        "is_voiding": bulk.find_void(uow, row.id) is not None,
        "may_change": is_own and visit.principal.may(WRITE),
        "may_issue": is_own and visit.principal.may(ISSUE),
    }
    around = surroundings(uow)
    days = _days_of(uow, row.id, around["zone"]) if is_own and row.published_at else []
    return WebPage("console/campaign.html", {**values, **around, "days": days})


def _days_of(uow: UnitOfWork, campaign_id: str, zone: str) -> list[tuple[date, list[int]]]:
    """What was issued and redeemed on each of the last local days, by the read models."""
    today = uow.now.astimezone(ZoneInfo(zone)).date()
    span = today - timedelta(days=_DAYS - 1), today
    issued, redeemed = (
        insights.sums(uow, FIGURES[code], "campaigns", "day", *span, [campaign_id])
        for code in ("coupons.issued", "coupons.redeemed")
    )
    days = [span[0] + timedelta(days=number) for number in range(_DAYS)]
    none = insights.Sums(0, None, 0)
    return [(one, [kind.get(one.isoformat(), none).above for kind in (issued, redeemed)]) for one in days]


def _act(verb: str, done: str, change: Callable[[UnitOfWork, str], Changed]) -> Callable[..., Handed]:
    """What a button does with a campaign, as the API does it."""

    def act(uow: UnitOfWork, visit: Visit, campaign_id: str) -> Handed:
        must(visit, WRITE)
        if change(uow, campaign_id).is_new:
            audit.record(uow, f"campaign.{done}", campaign_id)
        return Go(f"{HERE}/{campaign_id}?told={done}")

    act.__name__ = f"{verb}_campaign"
    return console.act(f"/campaigns/<cam:campaign_id>/{verb}", again=campaign)(act)


publish_campaign = _act("publish", "published", services.publish_campaign)
pause_campaign = _act("pause", "paused", services.pause_campaign)
resume_campaign = _act("resume", "resumed", services.resume_campaign)
end_campaign = _act("end", "ended", services.end_campaign)


@console.act("/campaigns/<cam:campaign_id>/void", form=CampaignVoidBody(), again=campaign, audit="campaign.voided")
def void_campaign(uow: UnitOfWork, visit: Visit, campaign_id: str) -> Handed:
    """Takes back all that isn't used."""
    must(visit, ISSUE)
    voiding.order_void(uow, campaign_id, visit.body["reason"])
    return Go(f"{HERE}/{campaign_id}?told=voided", jobs=(voiding.job_of(uow.district_id, campaign_id),))
