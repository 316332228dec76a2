"""Reading batches of codes and errands, locks included."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from app.coupons.bulk.models import CampaignVoid, CodeBatch
from app.coupons.campaigns import queries as campaigns
from app.coupons.campaigns.ends import ends_at
from app.coupons.issuing import code_index
from app.coupons.issuing.voiding import Open
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound

CODES_A_PAGE = 2_000
_WAITING = """
    SELECT id FROM code_batches WHERE district_id = %s AND status <> 'done' AND (status = 'failed' OR alive_at < %s) ORDER BY id
"""
_OPEN_BATCHES = """
    SELECT id FROM code_batches
    WHERE district_id = %s AND campaign_id = %s AND status <> 'done' AND created_at <= %s ORDER BY id
"""
_OPEN_COUPONS = f"""
    SELECT c.id, c.member_id, c.way FROM coupons AS c
    WHERE c.district_id = %(district)s AND c.campaign_id = %(campaign)s AND c.status IN ('issued', 'reserved')
      AND {ends_at("c")} > %(now)s AND c.issued_at <= %(until)s
    ORDER BY c.expires_at LIMIT %(most)s
"""
_VOIDS_WAITING = "SELECT campaign_id FROM campaign_voids WHERE district_id = %s AND alive_at < %s ORDER BY campaign_id"
_CODES = """
    SELECT id, code_key FROM coupons
    WHERE district_id = %(district)s AND code_batch_id = %(batch)s AND id > %(after)s ORDER BY id LIMIT %(most)s
"""
FIRST = "0" * 32
"""Before any id."""


class PageOfCodes(NamedTuple):
    """Codes without hyphens, and the coupon after which the next ones come."""

    codes: list[str]
    last_id: str


def find_code_batch(uow: UnitOfWork, batch_id: str, *, lock: bool = False) -> CodeBatch:
    """A batch; a merchant knows those of its own campaigns. Raises NotFound."""
    query = select(CodeBatch).where(CodeBatch.district_id == uow.district_id, CodeBatch.id == batch_id)
    row = uow.session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound
    merchant_id = uow.principal.merchant_id
    if merchant_id not in (None, campaigns.campaigns_by_id(uow, [row.campaign_id])[row.campaign_id].merchant_id):
        raise NotFound
    return row


def code_batches_of(uow: UnitOfWork, campaign_id: str, most: int) -> list[CodeBatch]:
    """The last batches of a campaign, newest first."""
    query = select(CodeBatch).where(CodeBatch.district_id == uow.district_id, CodeBatch.campaign_id == campaign_id)
    return list(uow.session.scalars(query.order_by(CodeBatch.id.desc()).limit(most)))


def newest_batches(uow: UnitOfWork, most: int) -> list[CodeBatch]:
    """The newest batches of all campaigns."""
    query = select(CodeBatch).where(CodeBatch.district_id == uow.district_id).order_by(CodeBatch.id.desc()).limit(most)
    return list(uow.session.scalars(query))


def waiting_batches(uow: UnitOfWork, dead_since: datetime) -> list[str]:
    """Batches whose job has died, or hasn't come."""
    return [f"cbt_{one}" for (one,) in uow.rows(_WAITING, (hex_of(uow.district_id), dead_since))]


def open_batches_of(uow: UnitOfWork, campaign_id: str, until: datetime) -> list[str]:
    """Batches of a campaign that were ordered up to an instant, and of which some coupons are still to be made."""
    return [f"cbt_{one}" for (one,) in uow.rows(_OPEN_BATCHES, (hex_of(uow.district_id), hex_of(campaign_id), until))]


def open_coupons_of(uow: UnitOfWork, campaign_id: str, until: datetime, most: int) -> list[Open]:
    """Some coupons of a campaign that were issued up to an instant and can still be used, those first that end first."""
    own = {"district": hex_of(uow.district_id), "campaign": hex_of(campaign_id)}
    values = {**own, "now": uow.now, "until": until, "most": most}
    return [Open(f"cpn_{one}", member and f"mem_{member}", way) for one, member, way in uow.rows(_OPEN_COUPONS, values)]


def find_void(uow: UnitOfWork, campaign_id: str, *, lock: bool = False) -> CampaignVoid | None:
    """What is to be taken back of a campaign, if anything is."""
    query = select(CampaignVoid).where(
        CampaignVoid.district_id == uow.district_id, CampaignVoid.campaign_id == campaign_id
    )
    return uow.session.scalars(query.with_for_update() if lock else query).one_or_none()


def waiting_voids(uow: UnitOfWork, dead_since: datetime) -> list[str]:
    """Campaigns whose coupons are to be taken back by a job that has died, or hasn't come."""
    return [f"cam_{one}" for (one,) in uow.rows(_VOIDS_WAITING, (hex_of(uow.district_id), dead_since))]


def codes_after(uow: UnitOfWork, batch_id: str, last_id: str = FIRST) -> PageOfCodes:
    """The next codes of a batch, in the order in which they were made; none at its end."""
    rows = uow.rows(
        _CODES,
        {
            "district": hex_of(uow.district_id),
            "batch": hex_of(batch_id),
            "after": hex_of(last_id),
            "most": CODES_A_PAGE,
        },
    )
    codes = [code_index.code_again(f"cpn_{one}", key) for one, key in rows]
    if None in codes:
        raise LookupError("a signing key has been taken out under which codes were made")
    return PageOfCodes([one for one in codes if one is not None], rows[-1][0] if rows else last_id)
