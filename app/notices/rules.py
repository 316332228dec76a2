"""What of all that happens a member is told: pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from app.coupons.events import CouponIssued
from app.foundation.database.outbox import Event
from app.members.events import MemberFrozen, MemberPhoneChanged, MemberUnfrozen
from app.points.events import MemberTierGained, MemberTierLost, PointsAdjusted, PointsExpired, PointsExpiring

UNASKED = ("targeted", "automatic")
"""Ways in which a coupon comes to a member who hasn't asked for it."""
KEPT_DAYS = 400


class Notice(NamedTuple):
    """To be told a member."""

    member_id: str
    kind: str
    details: Mapping[str, Any]


def _expiring(event: PointsExpiring) -> Notice:
    return Notice(event.member_id, "points-expiring", {"points": event.points, "on": event.on})


def _expired(event: PointsExpired) -> Notice:
    return Notice(event.member_id, "points-expired", {"points": event.points})


def _adjusted(event: PointsAdjusted) -> Notice:
    return Notice(event.member_id, "points-adjusted", {"points": event.points})


def _frozen(event: MemberFrozen) -> Notice:
    return Notice(event.member_id, "frozen", {})


def _unfrozen(event: MemberUnfrozen) -> Notice:
    return Notice(event.member_id, "unfrozen", {})


def _phone_changed(event: MemberPhoneChanged) -> Notice:
    return Notice(event.member_id, "phone-changed", {})


def _tier_gained(event: MemberTierGained) -> Notice:
    return Notice(event.member_id, "tier-gained", {"tier_id": event.tier_id})


def _tier_lost(event: MemberTierLost) -> Notice:
    return Notice(event.member_id, "tier-lost", {"tier_id": event.tier_id})


def _coupon(event: CouponIssued) -> Notice | None:
    if event.member_id is None or event.way not in UNASKED:
        return None
    return Notice(event.member_id, "coupon", {"coupon_id": event.coupon_id, "campaign_id": event.campaign_id})


TOLD: dict[type[Event], Callable[[Any], Notice | None]] = {
    PointsExpiring: _expiring,
    PointsExpired: _expired,
    PointsAdjusted: _adjusted,
    MemberFrozen: _frozen,
    MemberUnfrozen: _unfrozen,
    MemberPhoneChanged: _phone_changed,
    MemberTierGained: _tier_gained,
    MemberTierLost: _tier_lost,
    CouponIssued: _coupon,
}
KINDS = (
    "points-expiring",
    "points-expired",
    "points-adjusted",
    "frozen",
    "unfrozen",
    "phone-changed",
    "tier-gained",
    "tier-lost",
    "coupon",
    "case-answered",
)
