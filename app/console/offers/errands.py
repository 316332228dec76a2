"""What is done with many coupons at once: codes for bearers, and coupons for members who are described."""

from __future__ import annotations

from typing import Any

from app.console.door import console, must
from app.console.offers.campaigns import ISSUE, campaign
from app.console.offers.shops import surroundings
from app.console.places import HOME
from app.coupons.bulk import downloading, files, making
from app.coupons.bulk import queries as bulk
from app.coupons.bulk.present import show_code_batch
from app.coupons.bulk.schemas import CodesBody, DownloadQuery
from app.coupons.campaigns import queries, services
from app.coupons.campaigns.present import show_campaign
from app.coupons.giving import queries as giving
from app.coupons.giving import targeting
from app.coupons.giving.present import show_issue
from app.coupons.giving.schemas import IssueAudience
from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Download
from app.pages import forms
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, Saved, WebPage
from app.pages.readers import count, fen, instant_in

_AUDIENCE = IssueAudience()
_COUNTED = "counted"


@console.act("/campaigns/<cam:campaign_id>/codes", form=CodesBody(), readers={"quantity": count}, again=campaign)
def order_codes(uow: UnitOfWork, visit: Visit, campaign_id: str) -> Handed:
    """Orders codes, which are made in the queue."""
    must(visit, ISSUE)
    batch = making.order_codes(uow, campaign_id, visit.body["name"], visit.body["quantity"])
    details = {"quantity": batch.quantity, "code_batch_id": batch.id}
    audit.record(uow, "code_batch.ordered", campaign_id, details)
    return Go(f"{HOME}/code-batches/{batch.id}", jobs=(making.job_of(uow.district_id, batch.id),))


@console.page("/code-batches/<cbt:code_batch_id>")
def code_batch(uow: UnitOfWork, visit: Visit, code_batch_id: str) -> Handed:
    """How far a batch is, and its codes to be downloaded once."""
    must(visit, "coupons:read")
    batch = bulk.find_code_batch(uow, code_batch_id)
    values = {
        "batch": show_code_batch(batch),
        "campaign": show_campaign(uow, queries.find_campaign(uow, batch.campaign_id)),
        "may_download": visit.principal.may(ISSUE),
    }
    return WebPage("console/code_batch.html", {**values, "zone": districts.district(uow).time_zone})


@console.act(
    "/code-batches/<cbt:code_batch_id>/download", form=DownloadQuery(), again=code_batch, audit="code_batch.downloaded"
)
def download_codes(uow: UnitOfWork, visit: Visit, code_batch_id: str) -> Handed:
    """Hands the codes over: once, and again only for a reason."""
    must(visit, ISSUE)
    wanted: files.Format = visit.body["format"]
    downloading.begin_download(uow, code_batch_id, visit.body.get("reason"))
    pages = downloading.pages_of(uow.district_id, code_batch_id)
    name = f"{code_batch_id}.{wanted}"
    return Saved(Download(files.WRITERS[wanted]("code", pages), files.MEDIA_TYPES[wanted], name))


@console.act("/code-batches/<cbt:code_batch_id>/cancel", again=code_batch)
def cancel_codes(uow: UnitOfWork, visit: Visit, code_batch_id: str) -> Handed:
    """Stops it; codes that are made stay."""
    must(visit, ISSUE)
    making.stop_codes(uow, code_batch_id)
    audit.record(uow, "code_batch.cancelled", code_batch_id)
    return Go(f"{HOME}/code-batches/{code_batch_id}")


@console.page("/campaigns/<cam:campaign_id>/issue")
def choose_members(uow: UnitOfWork, visit: Visit, campaign_id: str) -> Handed:
    """Which members: described, and counted before anything is given."""
    must(visit, ISSUE)
    row = queries.find_campaign(uow, campaign_id)
    services.check_own(uow, row)
    reach = None
    around = surroundings(uow)
    if visit.form.texts and visit.form.error is None:
        audience = _audience(visit, around["zone"])
        reach = targeting.count_meant(uow, row.id, audience)
    return WebPage("console/issue_form.html", {**around, "campaign": show_campaign(uow, row), "reach": reach})


def _audience(visit: Visit, zone: str) -> dict[str, Any]:
    """Who is described. Raises ValidationFailed, NotFound."""
    times = ("member_since_before", "last_purchase_before", "last_purchase_after")
    readers = {"min_spent": fen, **dict.fromkeys(times, instant_in(zone))}
    return forms.read(_AUDIENCE, forms.in_lines(visit.form.texts, "tags"), readers)


@console.act("/campaigns/<cam:campaign_id>/issue", again=choose_members)
def issue_coupons(uow: UnitOfWork, visit: Visit, campaign_id: str) -> Handed:
    """Counts those who are described; the second time, when they have been counted, lets the coupons be given."""
    must(visit, ISSUE)
    audience = _audience(visit, districts.district(uow).time_zone)
    if _COUNTED not in visit.form.texts:
        return choose_members(uow, visit, campaign_id)
    issue = targeting.ask_issue(uow, campaign_id, None, audience)
    audit.record(uow, "issue.asked", campaign_id, {"issue_id": issue.id})
    return Go(f"{HOME}/issues/{issue.id}", jobs=(targeting.job_of(uow.district_id, issue.id),))


@console.page("/issues/<iss:issue_id>")
def issue(uow: UnitOfWork, visit: Visit, issue_id: str) -> Handed:
    """How far an issue is."""
    must(visit, "coupons:read")
    row = giving.find_issue(uow, issue_id)
    values = {"issue": show_issue(row), "campaign": show_campaign(uow, queries.find_campaign(uow, row.campaign_id))}
    may_cancel = visit.principal.may(ISSUE)
    return WebPage(
        "console/issue.html", {**values, "may_cancel": may_cancel, "zone": districts.district(uow).time_zone}
    )


@console.act("/issues/<iss:issue_id>/cancel", again=issue)
def cancel_issue(uow: UnitOfWork, visit: Visit, issue_id: str) -> Handed:
    """Stops it; who has a coupon keeps it."""
    must(visit, ISSUE)
    if targeting.cancel_issue(uow, issue_id).is_new:
        audit.record(uow, "issue.cancelled", issue_id)
    return Go(f"{HOME}/issues/{issue_id}")
