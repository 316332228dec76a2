"""Batches of codes: `/v1/campaigns/{id}/codes`, `/v1/code-batches/{id}`; `/v1/campaigns/{id}/void`."""

from __future__ import annotations

from typing import Any

from flask import request

from app.coupons.bulk import answers, downloading, files, making, queries, schemas, voiding
from app.coupons.bulk.present import show_code_batch
from app.coupons.campaigns import queries as campaigns
from app.coupons.campaigns.answers import CAMPAIGN
from app.coupons.campaigns.present import show_campaign
from app.coupons.errors import (
    CampaignNotRunning,
    CampaignSoldOut,
    CodesDownloaded,
    CodesNotMade,
    NotClaimable,
    WrongCampaignState,
)
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer, Download
from app.foundation.http.routing import Call, Routes
from app.foundation.problems import Forbidden

campaign_codes = Routes("campaign_codes", __name__, url_prefix="/v1/campaigns/<cam:campaign_id>/codes")
campaign_voids = Routes("campaign_voids", __name__, url_prefix="/v1/campaigns/<cam:campaign_id>/void")
code_batches = Routes("code_batches", __name__, url_prefix="/v1/code-batches")


def _again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_code_batch(queries.find_code_batch(uow, stored["id"]))


@campaign_codes.serve(
    "POST",
    "",
    scope="coupons:issue",
    body=schemas.CodesBody(),
    answers={202: answers.CODE_BATCH},
    problems=(Forbidden, NotClaimable, CampaignNotRunning, CampaignSoldOut),
    replay=_again,
    audit="code_batch.ordered",
)
def order_codes(uow: UnitOfWork, call: Call, campaign_id: str) -> Answer:
    """Order codes for bearers: printed, handed out, bound to members later or shown as they are.

    All of them are counted in the campaign at once, or none is; they are made in the queue.
    """
    batch = making.order_codes(uow, campaign_id, call.body["name"], call.body["quantity"])
    kept, jobs = {"id": batch.id}, (making.job_of(uow.district_id, batch.id),)
    return Answer(show_code_batch(batch), 202, stored=kept, audited={"code_batch_id": batch.id}, jobs=jobs)


@code_batches.serve("GET", "/<cbt:code_batch_id>", scope="coupons:read", answers={200: answers.CODE_BATCH})
def get_code_batch(uow: UnitOfWork, call: Call, code_batch_id: str) -> Answer:
    """Read a batch of codes: how far it is."""
    return Answer(show_code_batch(queries.find_code_batch(uow, code_batch_id)))


@code_batches.serve(
    "GET",
    "/<cbt:code_batch_id>/download",
    scope="coupons:issue",
    query=schemas.DownloadQuery(),
    answers={200: answers.CODES},
    problems=(CodesNotMade, CodesDownloaded),
    audit="code_batch.downloaded",
)
def download_codes(uow: UnitOfWork, call: Call, code_batch_id: str) -> Answer:
    """Download the codes of a batch: once, and again only with a `reason`. Whoever has a code has its coupon."""
    wanted: files.Format = call.query["format"]
    is_read = request.method != "HEAD"
    if is_read:
        downloading.begin_download(uow, code_batch_id, call.query.get("reason"))
    else:
        queries.find_code_batch(uow, code_batch_id)
    pages = downloading.pages_of(uow.district_id, code_batch_id) if is_read else ()
    download = Download(files.WRITERS[wanted]("code", pages), files.MEDIA_TYPES[wanted], f"{code_batch_id}.{wanted}")
    return Answer({}, download=download, audited={} if is_read else None)


@code_batches.serve(
    "POST",
    "/<cbt:code_batch_id>/cancel",
    scope="coupons:issue",
    answers={200: answers.CODE_BATCH},
    problems=(Forbidden,),
    replay=_again,
    audit="code_batch.cancelled",
)
def cancel_codes(uow: UnitOfWork, call: Call, code_batch_id: str) -> Answer:
    """Stop a batch: codes that are made stay, and can be downloaded; the others return to the campaign. One that is over stays."""
    batch = making.stop_codes(uow, code_batch_id)
    return Answer(show_code_batch(batch), stored={"id": batch.id})


@campaign_voids.serve(
    "POST",
    "",
    scope="coupons:issue",
    body=schemas.CampaignVoidBody(),
    answers={202: CAMPAIGN},
    problems=(Forbidden, WrongCampaignState),
    replay=lambda uow, stored: show_campaign(uow, campaigns.find_campaign(uow, stored["id"])),
    audit="campaign.voided",
)
def void_campaign(uow: UnitOfWork, call: Call, campaign_id: str) -> Answer:
    """Take back all coupons of a campaign that were issued up to now and aren't used, in the queue.

    Its counts tell how far that is. What was set aside returns to the budget, points that coupons cost to their members. The
    campaign goes on: pause or end it first, if it shall not.
    """
    campaign = voiding.order_void(uow, campaign_id, call.body["reason"])
    jobs = (voiding.job_of(uow.district_id, campaign.id),)
    return Answer(show_campaign(uow, campaign), 202, stored={"id": campaign.id}, jobs=jobs)
