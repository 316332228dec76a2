"""Whoever shows a coupon's code at a till pays with it, and tells the shop nothing of whose it is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.coupons import claim, new_campaign
from tests.factories.districts import District, new_phone
from tests.factories.problems import check_problem


@pytest.fixture
def member(district: District) -> str:
    """A member whom the shop knows by a phone that it has enrolled, but who hasn't shown itself there."""
    return district.member(new_phone(), key=district.shop.key, store_id=district.shop.store_id)


@pytest.fixture
def sale(district: District, member: str) -> Any:
    """A sale with a coupon of the member, as the shop that recorded it was told."""
    made = claim(district, new_campaign(district)["id"], member).ok(201)
    body = {"reference": "S1", "amount": 12_800, "coupons": [made["code"]]}
    return district.report(key=district.shop.key, **body).ok(201) | {"body": body}


def members_in(value: Any) -> set[str]:
    """All ids of members in an answer."""
    if isinstance(value, dict):
        return {one for part in value.values() for one in members_in(part)}
    if isinstance(value, list):
        return {one for part in value for one in members_in(part)}
    return {value} if isinstance(value, str) and value.startswith("mem_") else set()


def test_the_sale_that_it_names_tells_no_member(district: District, member: str, sale: Any) -> None:
    """Whether reported, reported again, read, listed or refunded by a merchant's key; the alliance is told."""
    api, key = district.api, district.shop.key
    assert (sale["member_id"], sale["balance"], sale["points_earned"]) == (None, None, 118)
    again = district.report(key=key, **sale["body"]).ok(200)
    read = api.get(f"/v1/transactions/{sale['id']}", key).ok(200)
    listed = api.get("/v1/transactions", key).ok(200)
    refund = {"transaction_id": sale["id"], "reference": "F1", "amount": 100}
    refunded = api.post("/v1/refunds", refund, key).ok(201)
    refunds = api.get("/v1/refunds", key).ok(200)
    events = api.get("/v1/events?type=transaction.recorded", district.key).ok(200)
    refund_events = api.get("/v1/events?type=refund.recorded", district.key).ok(200)
    for answer in (sale, again, read, listed, refunded, refunds, events, refund_events):
        assert members_in(answer) == set()
    assert api.get(f"/v1/transactions/{sale['id']}", district.key).ok(200)["member_id"] == member
    assert api.get(f"/v1/refunds/{refunded['id']}", district.key).ok(200)["member_id"] == member


def test_no_list_of_a_member_s_sales_has_it(district: District, member: str, sale: Any) -> None:
    """A merchant that knows members by id could else ask of each whether the coupon was theirs."""
    api, key = district.api, district.shop.key
    api.post("/v1/refunds", {"transaction_id": sale["id"], "reference": "F1", "amount": 100}, key).ok(201)
    assert api.get(f"/v1/transactions?member_id={member}", key).ok(200)["data"] == []
    [known] = api.get(f"/v1/transactions?member_id={member}", district.key).ok(200)["data"]
    assert known["id"] == sale["id"]


def test_nobody_is_guessed_by_claiming_or_reporting_it_again(district: District, member: str, sale: Any) -> None:
    """The right member and a wrong one are refused alike."""
    key, other = district.shop.key, district.member(key=district.shop.key)
    path = f"/v1/transactions/{sale['id']}/claim"
    for one in (member, other):
        check_problem(district.api.post(path, {"member_id": one}, key), 409, "already-claimed")
        again = district.report(key=key, **sale["body"], member_id=one)
        assert check_problem(again, 409, "reference-conflict").pointers == {"/member_id"}


def test_it_makes_nobody_a_member_of_the_merchant(district: District) -> None:
    """Else the merchant could read who has come newly."""
    member = district.member()
    made = claim(district, new_campaign(district)["id"], member).ok(201)
    shop = district.other_shop
    sold = district.report(key=shop.key, store_id=shop.store_id, coupons=[made["code"]]).ok(201)
    assert sold["discount_amount"] == 1_000
    assert district.api.get(f"/v1/members/{member}", shop.key).status == 404
    assert district.balance(member)["lifetime"]["earned"] == 118


def test_no_points_are_spent_by_it(district: District, member: str) -> None:
    """A photo of a code is no proof that its member is there."""
    district.report(member_id=member, amount=100_000).ok(201)
    made = claim(district, new_campaign(district)["id"], member).ok(201)
    refused = district.report(key=district.shop.key, coupons=[made["code"]], points_to_spend=100)
    problem = check_problem(refused, 422, "validation-failed").body
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [("/points_to_spend", "proof-needed")]
    assert district.api.get(f"/v1/coupons/{made['code']}", district.key).ok(200)["status"] == "issued"
    assert district.balance(member)["available"] == 1_000


def test_the_phone_that_is_named_with_it_stays_nobody_s(district: District, member: str) -> None:
    """A made-up phone beside the code doesn't make the shop learn more."""
    made = claim(district, new_campaign(district)["id"], member).ok(201)
    body = {"reference": "S2", "amount": 12_800, "coupons": [made["code"]], "phone": new_phone()}
    sold = district.report(key=district.shop.key, **body).ok(201)
    assert members_in(sold) == set()
    assert district.report(key=district.shop.key, **body).ok(200)["id"] == sold["id"]
    assert district.api.get(f"/v1/transactions/{sold['id']}", district.key).ok(200)["member_id"] == member


def test_a_coupon_of_another_district_is_unknown(district: District, other_district: District) -> None:
    """Its code leads nowhere here, and nothing becomes of it."""
    member = other_district.member()
    made = claim(other_district, new_campaign(other_district)["id"], member).ok(201)
    refused = check_problem(district.report(coupons=[made["code"]]), 404, "not-found")
    assert refused.pointers == {"/coupons/0"}
    assert other_district.api.get(f"/v1/coupons/{made['code']}", other_district.key).ok(200)["status"] == "issued"
