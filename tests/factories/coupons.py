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
