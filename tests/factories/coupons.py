"""Campaigns and coupons, made as an alliance and its members make them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from app.coupons.bulk.tasks import make_codes
from tests.factories.api import Reply
from tests.factories.districts import District

TEN_OFF: dict[str, Any] = {
    "name": "周末满减",
    "kind": "amount_off",
    "amount_off": 1_000,
    "min_amount": 10_000,
    "validity": {"days_after_issue": 30},
}


def draft_campaign(district: District, *, key: str | None = None, **terms: Any) -> Reply:
    """Asks for a campaign of 10.00 off from 100.00, unless told otherwise; None leaves a field out."""
    body = {name: value for name, value in {**TEN_OFF, **terms}.items() if value is not None}
    return district.api.post("/v1/campaigns", body, key or district.key)


def act(district: District, campaign_id: str, verb: str, *, key: str | None = None) -> Reply:
    """Publishes, pauses, resumes or ends a campaign."""
    return district.api.post(f"/v1/campaigns/{campaign_id}/{verb}", {}, key or district.key)


def new_campaign(district: District, *, key: str | None = None, **terms: Any) -> Any:
    """A campaign that is published."""
    made = draft_campaign(district, key=key, **terms).ok(201)
    return act(district, made["id"], "publish", key=key).ok(200)


def campaign_of(district: District, campaign_id: str, *, key: str | None = None) -> Any:
    """A campaign as it is now, with its counts."""
    return district.api.get(f"/v1/campaigns/{campaign_id}", key or district.key).ok(200)


def change(district: District, campaign_id: str, *, key: str | None = None, **changes: Any) -> Reply:
    """Asks for a change."""
    return district.api.patch(f"/v1/campaigns/{campaign_id}", changes, key or district.key)


def claim(district: District, campaign_id: str, member_id: str | None = None, *, key: str | None = None) -> Reply:
    """Asks for a coupon: for a member that a key names, or by a member's token for itself."""
    body = {} if member_id is None else {"member_id": member_id}
    return district.api.post(f"/v1/campaigns/{campaign_id}/claims", body, key or district.key)


def coupons_of(district: District, member_id: str, *, key: str | None = None) -> Any:
    """A member's coupons, newest first."""
    return district.api.get(f"/v1/members/{member_id}/coupons", key or district.key).ok(200)["data"]


def order_codes(district: District, campaign_id: str, quantity: int, *, key: str | None = None, **more: Any) -> Reply:
    """Asks for codes for bearers."""
    body = {"quantity": quantity, "name": "传单", **more}
    return district.api.post(f"/v1/campaigns/{campaign_id}/codes", body, key or district.key)


def download(district: District, batch_id: str, *, key: str | None = None, **query: str) -> Reply:
    """Asks for the codes of a batch."""
    return district.api.get(f"/v1/code-batches/{batch_id}/download?{urlencode(query)}", key or district.key)


def bearer_codes(district: District, campaign_id: str, quantity: int) -> list[str]:
    """New codes that nobody has yet. Call it inside the application, whose worker it is."""
    batch = order_codes(district, campaign_id, quantity).ok(202)
    make_codes(district.id, batch["id"])
    [_, *codes] = download(district, batch["id"]).ok(200).split()
    return codes


def new_coupon(district: District, member_id: str | None = None, **terms: Any) -> Any:
    """A coupon of a campaign of its own, for a new member unless told otherwise."""
    campaign = new_campaign(district, **terms)
    return claim(district, campaign["id"], member_id or district.member()).ok(201)


def reserve(district: District, code: str, *, key: str | None = None, **hold: Any) -> Reply:
    """Asks to hold a coupon for ten minutes for a bill of the first shop, unless told otherwise."""
    body = {"reference": "A-1", "store_id": district.shop.store_id, "ttl_seconds": 600, **hold}
    return district.api.post(f"/v1/coupons/{code}/reserve", body, key or district.key)


def release(district: District, code: str, *, key: str | None = None, **hold: Any) -> Reply:
    """Asks to let it go."""
    body = {"reference": "A-1", "store_id": district.shop.store_id, **hold}
    return district.api.post(f"/v1/coupons/{code}/release", body, key or district.key)


def coupon_of(district: District, code: str, *, key: str | None = None) -> Any:
    """A coupon as it is now."""
    return district.api.get(f"/v1/coupons/{code}", key or district.key).ok(200)


def told(district: District, kind: str) -> list[dict[str, Any]]:
    """What was told of coupons, oldest first."""
    events = district.api.get(f"/v1/events?type=coupon.{kind}&limit=100", district.key).ok(200)["data"]
    return [one["data"] for one in reversed(events)]


def redeem(
    district: District, code: str, *, key: str | None = None, idempotency_key: str | None = None, **bill: Any
) -> Reply:
    """Asks to redeem a coupon for a bill of 128.00 of the first shop, apart from its sale, unless told otherwise."""
    body = {"reference": "A-1", "store_id": district.shop.store_id, "amount": 12_800, **bill}
    return district.api.post(f"/v1/coupons/{code}/redeem", body, key or district.key, idempotency_key)


def roll_back(district: District, redemption_id: str, reference: str = "B-1", *, key: str | None = None) -> Reply:
    """Asks to undo that."""
    body = {"reference": reference, "reason": "顾客取消"}
    return district.api.post(f"/v1/redemptions/{redemption_id}/rollback", body, key or district.key)


def redemption_of(district: District, redemption_id: str, *, key: str | None = None) -> Any:
    """A redemption as it is now."""
    return district.api.get(f"/v1/redemptions/{redemption_id}", key or district.key).ok(200)


def redemptions_of(district: District, query: str = "", *, key: str | None = None) -> list[Any]:
    """Redemptions, newest first."""
    rows: list[Any] = district.api.get(f"/v1/redemptions{query}", key or district.key).ok(200)["data"]
    return rows


def bind(district: District, member_id: str, code: str, *, key: str | None = None) -> Reply:
    """Asks for a bearer's code to become a member's coupon."""
    return district.api.post(f"/v1/members/{member_id}/coupons", {"code": code}, key or district.key)


def issue(district: District, campaign_id: str, *member_ids: str, key: str | None = None) -> Reply:
    """Asks for coupons for members who are named."""
    body = {"member_ids": list(member_ids)}
    return district.api.post(f"/v1/campaigns/{campaign_id}/issue", body, key or district.key)
