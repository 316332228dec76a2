"""How campaigns are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.coupons.campaigns import queries
from app.coupons.campaigns.models import Campaign
from app.coupons.campaigns.services import status_of
from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import page_of


def show_campaign(uow: UnitOfWork, row: Campaign) -> dict[str, Any]:
    """A campaign as the API shows it, by the clock."""
    return {
        "object": "campaign",
        "id": row.id,
        "merchant_id": row.merchant_id,
        "status": status_of(uow, row),
        **row.terms,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
        "published_at": row.published_at and format_instant(row.published_at),
        "paused_at": row.paused_at and format_instant(row.paused_at),
        "ended_at": row.ended_at and format_instant(row.ended_at),
    }


def page_of_campaigns(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the campaigns that the principal may see, newest first; `query` as CAMPAIGNS checks it."""
    found = queries.wanted_campaigns(uow, query)
    return page_of(uow, found, Campaign.id, query, lambda row: show_campaign(uow, row))


def show_counts(uow: UnitOfWork, row: Campaign) -> dict[str, Any] | None:
    """What has become of a campaign's coupons; None where it is none of the reader's business."""
    if uow.principal.merchant_id not in (None, row.merchant_id):
        return None
    counts = queries.counts_of(uow, row.id)
    stock, budget = row.terms["stock"], row.terms["budget"]
    return {
        "issued": counts.issued,
        "reserved": counts.reserved,
        "redeemed": counts.redeemed,
        "expired": counts.expired,
        "voided": counts.voided,
        "left": None if stock is None else stock - counts.issued,
        "budget_left": None if budget is None else budget - counts.set_aside - counts.discount_given,
        "discount_given": counts.discount_given,
    }
