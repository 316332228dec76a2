"""How offers are shown: without a figure of their stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from app.coupons.bill.validity import span_of
from app.coupons.campaigns.models import Campaign
from app.coupons.campaigns.rules import Terms
from app.coupons.campaigns.words import worth_of
from app.coupons.issuing import limits
from app.coupons.issuing.taking import slices_of
from app.coupons.offers import queries
from app.coupons.offers.rules import remaining
from app.districts import queries as districts
from app.districts.queries import NamedShop
from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import said


def newest_offers(uow: UnitOfWork, most: int) -> list[dict[str, Any]]:
    """What can be claimed now, newest first."""
    query = queries.offered(uow).order_by(Campaign.id.desc()).limit(most)
    return show_offers(uow, list(uow.session.scalars(query)))


def show_offers(uow: UnitOfWork, campaigns: Sequence[Campaign]) -> list[dict[str, Any]]:
    """Offers as they are shown to anybody."""
    zone, shops = ZoneInfo(districts.district(uow).time_zone), districts.named_shops(uow)
    slices, returning = slices_of(uow, [one.id for one in campaigns])
    local = uow.now.astimezone(zone)
    return [
        {
            "object": "offer",
            "campaign_id": one.id,
            "name": one.terms["name"],
            "description": one.terms["description"],
            "kind": one.terms["kind"],
            "words": said(worth_of(one.terms)),
            "usable_until": format_instant(span_of(one.terms["validity"], uow.now, zone).expires_at),
            "shops": _shops(one.terms, shops),
            "remaining": remaining(limits.limits_of(one.terms), slices[one.id], local, returning[one.id]),
            "points_price": one.terms["points_price"],
        }
        for one in campaigns
    ]


def _shops(terms: Terms, shops: Sequence[NamedShop]) -> list[dict[str, str]]:
    """The merchants at which coupons count; none is named where all are."""
    wanted = {name: set(terms[name]) for name in ("merchant_ids", "store_ids", "categories")}
    if not any(wanted.values()):
        return []
    found: Mapping[str, str] = {
        one.merchant_id: one.name
        for one in shops
        if one.merchant_id in (wanted["merchant_ids"] or {one.merchant_id})
        and one.store_id in (wanted["store_ids"] or {one.store_id})
        and (not wanted["categories"] or one.category in wanted["categories"])
    }
    return [{"merchant_id": merchant, "name": name} for merchant, name in found.items()]
