"""Batches of codes: ordered at once, all or nothing, and made in the queue, set by set.

What was ordered is counted in its campaign in the commit of the order. Each set is a commit of its own, which also says how far
the batch is: so a job can die anywhere and another goes on from there, and two of them at once make no coupon too many. A batch
can be stopped; then it is done with those that are there.
"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from app.coupons.bill.validity import Span, span_of
from app.coupons.bulk import queries
from app.coupons.bulk.models import CodeBatch
from app.coupons.campaigns import queries as campaigns
from app.coupons.campaigns.services import check_issues, check_own
from app.coupons.errors import CampaignSoldOut, NotClaimable
from app.coupons.events import CodeBatchMade
from app.coupons.issuing import code_index
from app.coupons.issuing.limits import limits_of
from app.coupons.issuing.taking import put_back, take_many
from app.districts import queries as districts
from app.foundation.database.sql_arrays import bytes_array, id_array, number_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork, retrying, unit_of_work
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of, new_id
from app.foundation.jobs.queue import LONG, Job
from app.foundation.tenancy import system_principal

COUPONS_A_SET = 1_000
ATTEMPTS = 5
DEAD_AFTER = timedelta(minutes=2)
"""A batch or an errand of which nothing was told for this long has lost its job, and gets another one."""
_ADD = f"""
    INSERT INTO coupons (district_id, id, code_key, code_index, campaign_id, code_batch_id, status, way, issued_at,
                         usable_from, expires_at, set_aside)
    VALUES (%(district)s::uuid, {unnested(ids="uuid", keys="smallint", indexes="bytea")}, %(campaign)s::uuid, %(batch)s::uuid,
            'issued', 'code_batch', %(issued_at)s::timestamptz, %(usable_from)s::timestamptz, %(expires_at)s::timestamptz,
            %(set_aside)s::bigint)
"""


def order_codes(uow: UnitOfWork, campaign_id: str, name: str, quantity: int) -> CodeBatch:
    """Takes the stock and the budget of some coupons for bearers, which a job will make.

    Raises NotFound, Forbidden, NotClaimable, CampaignNotRunning, CampaignSoldOut.
    """
    campaign = campaigns.hold_campaign(uow, campaign_id)
    check_own(uow, campaign)
    if "code_batch" not in campaign.terms["issuing"]:
        raise NotClaimable(_l("This campaign gives no codes."))
    check_issues(uow, campaign)
    limits = limits_of(campaign.terms)
    if not take_many(uow, campaign.id, limits, _zone(uow), quantity):
        raise CampaignSoldOut(_l("There aren't as many left."))
    batch = CodeBatch(
        district_id=uow.district_id,
        id=new_id("cbt"),
        campaign_id=campaign.id,
        name=name,
        quantity=quantity,
        set_aside=limits.set_aside,
        status="queued",
        alive_at=uow.real_now,
        created_at=uow.now,
    )
    uow.session.add(batch)
    uow.session.flush()
    return batch


def stop_codes(uow: UnitOfWork, batch_id: str) -> CodeBatch:
    """Ends a batch with the codes that are made: what the others took of the campaign's stock and budget goes back. One that is
    over stays.

    Raises NotFound, Forbidden.
    """
    campaign = campaigns.hold_campaign(uow, queries.find_code_batch(uow, batch_id).campaign_id)
    check_own(uow, campaign)
    batch = queries.find_code_batch(uow, batch_id, lock=True)
    uow.session.refresh(batch)
    if batch.status == "done":
        return batch
    left_out = batch.quantity - batch.issued
    put_back(uow, campaign.id, limits_of(campaign.terms), _zone(uow), left_out, batch.set_aside)
    batch.left_out = left_out
    _finish(uow, batch)
    return batch


def job_of(district_id: str, batch_id: str) -> Job:
    """The job that makes a batch."""
    return Job("app.coupons.bulk.tasks.make_codes", (district_id, batch_id), LONG)


def make_codes(district_id: str, batch_id: str) -> None:
    """Makes what is still to be made of a batch. One that fails says so, and is tried again by the timetable."""
    try:
        while retrying(ATTEMPTS, lambda: _make_some(district_id, batch_id)):
            pass
    except Exception:
        with unit_of_work(system_principal(district_id)) as uow:
            batch = queries.find_code_batch(uow, batch_id, lock=True)
            batch.status = batch.status if batch.status == "done" else "failed"
        raise


def _make_some(district_id: str, batch_id: str) -> bool:
    """Makes the next set; says whether there is another one. A code that is taken asks for the set to be done again."""
    with unit_of_work(system_principal(district_id)) as uow:
        campaign = campaigns.hold_campaign(uow, queries.find_code_batch(uow, batch_id).campaign_id)
        batch = queries.find_code_batch(uow, batch_id, lock=True)
        uow.session.refresh(batch)
        if batch.status == "done":
            return False
        count = min(COUPONS_A_SET, batch.quantity - batch.issued)
        _add_coupons(uow, batch, span_of(campaign.terms["validity"], batch.created_at, _zone(uow)), count)
        batch.issued += count
        batch.status, batch.alive_at = "running", uow.real_now
        if batch.issued < batch.quantity:
            return True
        _finish(uow, batch)
        return False


def _finish(uow: UnitOfWork, batch: CodeBatch) -> None:
    batch.status, batch.finished_at = "done", uow.now
    uow.emit(CodeBatchMade(batch.id, batch.issued))


def _add_coupons(uow: UnitOfWork, batch: CodeBatch, span: Span, count: int) -> None:
    ids = [new_id("cpn") for _ in range(count)]
    made = [code_index.make(uow.district_id, one) for one in ids]
    uow.execute(
        _ADD,
        {
            "district": hex_of(uow.district_id),
            "ids": id_array(ids),
            "keys": number_array([one.key for one in made]),
            "indexes": bytes_array([one.code_index for one in made]),
            "campaign": hex_of(batch.campaign_id),
            "batch": hex_of(batch.id),
            "issued_at": batch.created_at,
            "usable_from": span.usable_from,
            "expires_at": span.expires_at,
            "set_aside": batch.set_aside,
        },
    )


def _zone(uow: UnitOfWork) -> ZoneInfo:
    return ZoneInfo(districts.district(uow).time_zone)
