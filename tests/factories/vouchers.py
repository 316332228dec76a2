"""Government vouchers as districts have them, and what the authority is shown of them."""

from __future__ import annotations

from typing import Any

from tests.factories.api import Reply
from tests.factories.coupons import claim, new_campaign
from tests.factories.districts import District, next_number

BY_GOVERNMENT = {"district": 0, "merchant": 0, "government": 100}


def new_vouchers(district: District, **terms: Any) -> str:
    """A campaign of government vouchers, 10.00 off from 100.00; its id."""
    return str(new_campaign(district, **{"funding": BY_GOVERNMENT, **terms})["id"])


def pay_with_voucher(
    district: District, campaign: str, member: str | None = None, *, key: str | None = None, **sale: Any
) -> Reply:
    """A member (a new one if none is named) claims a voucher and pays 128.00 with it, unless told otherwise."""
    member = member or district.member()
    code = claim(district, campaign, member).ok(201)["code"]
    body = {"payment_reference": f"P{next_number():08d}", "member_id": member, "coupons": [code], **sale}
    return district.report(key=key, **body)


def evidence_of(district: District, campaign: str, query: str = "", *, key: str | None = None) -> Any:
    """What the authority is shown of a campaign."""
    return district.api.get(f"/v1/campaigns/{campaign}/evidence{query}", key or district.key).ok(200)


def rows_of(district: District, campaign: str) -> list[Any]:
    """The rows of that, without their digests."""
    return [one["row"] for one in evidence_of(district, campaign)["data"]]


def review(district: District, redemption: str, verb: str, *, key: str | None = None, **body: Any) -> Reply:
    """Releases or rejects a redemption."""
    return district.api.post(f"/v1/redemptions/{redemption}/{verb}", body, key or district.key)
