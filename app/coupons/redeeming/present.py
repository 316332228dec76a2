"""How redemptions are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.coupons.redeeming.models import Redemption
from app.coupons.redeeming.queries import filtered, find_redemption
from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import page_of


def show_redemption(row: Redemption) -> dict[str, Any]:
    """A redemption as the API shows it."""
    return {
        "object": "redemption",
        "id": row.id,
        "coupon_id": row.coupon_id,
        "campaign_id": row.campaign_id,
        "merchant_id": row.merchant_id,
        "store_id": row.store_id,
        "reference": row.reference,
        "transaction_id": row.transaction_id,
        "amount": row.amount,
        "discount_amount": row.discount_amount,
        "discount_returned": row.discount_returned,
        "funding": {
            "district": row.district_part,
            "merchant": row.merchant_part,
            "government": row.government_part,
        },
        "state": row.state,
        "reasons": row.reasons,
        "review_reason": row.review_reason,
        "redeemed_at": format_instant(row.redeemed_at),
        "ended_at": row.ended_at and format_instant(row.ended_at),
    }


def page_of_redemptions(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the redemptions that the principal may see, newest first; `query` as REDEMPTIONS checks it."""
    return page_of(uow, filtered(uow, query), Redemption.id, query, show_redemption)


def to_store(shown: dict[str, Any]) -> dict[str, Any]:
    """What is kept of an answer: ids and figures, not what a merchant calls its bill, or somebody wrote of it."""
    return {name: value for name, value in shown.items() if name not in ("reference", "review_reason")}


def show_redemption_again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    """A stored answer again."""
    return {**show_redemption(find_redemption(uow, stored["id"])), **stored}
