"""Shoppers claim receipts by the secret in their link; harvesting is limited, staff is flagged."""

from __future__ import annotations

import pytest

from tests.factories.api import Reply
from tests.factories.districts import District
from tests.factories.points import figures
from tests.factories.receipts import secret_of
from tests.factories.shoppers import signed_in

pytestmark = pytest.mark.usefixtures("context")


def receipt(district: District, **sale: object) -> str:
    return secret_of(district.report(**sale).ok(201))


def claim(district: District, member: str, secret: str, key: str | None = None) -> Reply:
    token = signed_in(district.id, member).access_token
    return district.api.post("/v1/claims", {"secret": secret}, token, key)


def test_a_receipt_is_claimed_once(district: District) -> None:
    member, other = district.member(), district.member()
    secret = receipt(district, amount=10_000)
    told = claim(district, member, secret, "k").ok(200)
    assert (told["member_id"], told["points_earned"]) == (member, 100)
    assert claim(district, member, secret).ok(200)["id"] == told["id"]
    assert claim(district, member, secret, "k").headers["Idempotent-Replayed"] == "true"
    refused = claim(district, other, secret)
    assert (refused.status, refused.pointers) == (404, {"/secret"})
    assert figures(district, member) == (100, 0, 0)
    merchants = district.api.get(f"/v1/members/{member}", district.key).ok()["memberships"]
    assert [one["merchant_id"] for one in merchants] == [district.shop.merchant_id]


def test_a_secret_of_another_district_is_a_wrong_one(district: District, other_district: District) -> None:
    secret = receipt(other_district)
    assert claim(district, district.member(), secret).status == 404


def test_wrong_secrets_are_limited(district: District) -> None:
    member = district.member()
    token = signed_in(district.id, member).access_token
    wrong = [district.api.post("/v1/claims", {"secret": f"{n:026d}"}, token).status for n in range(21)]
    assert wrong == [404] * 20 + [429]
    assert claim(district, district.member(), receipt(district)).status == 200


def test_a_day_has_room_for_ten_receipts(district: District) -> None:
    member = district.member()
    sales = [district.report(amount=100).ok(201)["id"] for _ in range(11)]
    statuses = []
    for sale in sales:
        reply = district.api.post(f"/v1/transactions/{sale}/claim", {"member_id": member}, district.key)
        statuses.append(reply.status)
    assert statuses == [200] * 10 + [429]
    assert int(reply.headers["Retry-After"]) > 0
    assert figures(district, member) == (10, 0, 0)


def test_what_staff_claims_is_flagged(district: District) -> None:
    member = district.member(tags=["staff"])
    claim(district, member, receipt(district)).ok(200)
    claim(district, district.member(), receipt(district)).ok(200)
    flagged = [
        one["data"]["member_id"]
        for one in district.api.get("/v1/events?limit=100", district.key).ok()["data"]
        if one["type"] == "transaction.claim_flagged"
    ]
    assert flagged == [member]


def test_a_frozen_shopper_claims_nothing(district: District) -> None:
    member = district.member()
    secret = receipt(district)
    district.api.post(f"/v1/members/{member}/freeze", {}, district.key).ok(200)
    assert claim(district, member, secret).code == "member-frozen"


def test_a_receipt_leads_its_shop_to_its_sale_before_and_after_it_is_claimed(district: District) -> None:
    sale = district.report(key=district.shop.key, amount=10_000).ok(201)
    found = find(district, secret_of(sale), district.shop.key).ok(200)
    assert found == district.api.get(f"/v1/transactions/{sale['id']}", district.shop.key).ok(200)
    claim(district, district.member(), secret_of(sale)).ok(200)
    claimed = find(district, secret_of(sale), district.shop.key).ok(200)
    assert (claimed["id"], claimed["points_earned"]) == (sale["id"], 100)


def find(district: District, secret: str, key: str) -> Reply:
    return district.api.post("/v1/receipts/resolve", {"secret": secret}, key)
