"""A sale gets the discount of what was redeemed under its reference before, whether or not it repeats the codes."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.factories.api import Reply
from tests.factories.books import broken
from tests.factories.coupons import (
    act,
    campaign_of,
    coupon_of,
    new_coupon,
    redeem,
    redemption_of,
    redemptions_of,
    release,
    reserve,
    roll_back,
)
from tests.factories.districts import District
from tests.factories.problems import check_problem
from tests.factories.refunds import refund


@pytest.fixture(autouse=True)
def books(request: pytest.FixtureRequest, app: Flask, district: District) -> Any:
    """Whatever a test does, the books hold afterwards."""
    yield
    with app.app_context():
        assert broken(district.id) == {}


def sale(district: District, **more: Any) -> Reply:
    """Reports the sale for which coupons are redeemed, unless told otherwise."""
    return district.report(**{"reference": "A-1", **more})


@pytest.mark.parametrize("repeats", [False, True])
def test_a_sale_is_linked(district: District, repeats: bool) -> None:
    member = district.member()
    coupon = new_coupon(district, member, budget=5_000)
    made = redeem(district, coupon["code"]).ok(201)
    sold = sale(district, coupons=[coupon["code"]] if repeats else []).ok(201)
    assert (sold["discount_amount"], sold["paid_amount"], sold["member_id"]) == (1_000, 11_800, member)
    assert [one["discount_amount"] for one in sold["coupons"]] == [1_000]
    linked = {**made, "transaction_id": sold["id"]}
    assert redemption_of(district, made["id"]) == linked
    assert redemptions_of(district) == [linked]
    assert sale(district, coupons=[coupon["code"]] if repeats else []).ok(200)["id"] == sold["id"]
    assert redeem(district, coupon["code"]).ok(200) == linked, "what was made before the sale is answered again"
    check_problem(redeem(district, new_coupon(district, member)["code"]), 409, "sale-already-recorded")
    refused = check_problem(roll_back(district, made["id"]), 409, "redemption-of-a-sale")
    assert refused.body["transaction_id"] == sold["id"]
    counts = campaign_of(district, coupon["campaign_id"])["counts"]
    assert (counts["redeemed"], counts["discount_given"], counts["budget_left"]) == (1, 1_000, 4_000)


def test_coupons_of_the_sale_go_with_those_redeemed_before(district: District) -> None:
    member = district.member()
    before = new_coupon(district, member, stacking_group="a")
    rest = {"kind": "percent_off", "amount_off": None, "percent_off": 12}
    second, clash = (
        new_coupon(district, member, stacking_group="b", **rest),
        new_coupon(district, member, stacking_group="a"),
    )
    redeem(district, before["code"]).ok(201)
    refused = check_problem(sale(district, coupons=[clash["code"]]), 422, "validation-failed")
    assert [(one["pointer"], one["code"]) for one in refused.body["errors"]] == [("/coupons/0", "stacking-conflict")]
    sold = sale(district, coupons=[second["code"]]).ok(201)
    assert [one["discount_amount"] for one in sold["coupons"]] == [1_000, 1_416]
    assert {one["transaction_id"] for one in redemptions_of(district)} == {sold["id"]}


def test_on_a_smaller_bill_they_are_cut(district: District) -> None:
    member = district.member()
    funding = {"district": 60, "merchant": 40, "government": 0}
    made = []
    for group in "ab":
        terms = {"min_amount": 0, "amount_off": 800, "stacking_group": group, "funding": funding, "budget": 5_000}
        coupon = new_coupon(district, member, **terms)
        made.append((coupon["campaign_id"], redeem(district, coupon["code"]).ok(201)["id"]))
    sold = sale(district, amount=1_000).ok(201)
    assert (sold["discount_amount"], sold["paid_amount"], sold["points_earned"]) == (1_000, 0, 0)
    for (campaign, one), left in zip(sorted(made), (800, 200), strict=True):
        cut = redemption_of(district, one)
        assert (cut["discount_amount"], cut["discount_returned"], cut["state"]) == (left, 0, "redeemed")
        assert cut["funding"] == {"district": left * 6 // 10, "merchant": left * 4 // 10, "government": 0}
        counts = campaign_of(district, campaign)["counts"]
        assert (counts["discount_given"], counts["budget_left"]) == (left, 5_000 - left)


A_AND_B: list[dict[str, Any]] = [{"sku": "A", "amount": 1_000}, {"sku": "B", "amount": 1_000}]
HALF: dict[str, Any] = {"kind": "percent_off", "amount_off": None, "percent_off": 50, "min_amount": 0}
OFF_A: dict[str, Any] = {"amount_off": 700, "min_amount": 0, "item_skus": ["A"]}


def test_on_the_same_bill_they_stand_as_answered(district: District) -> None:
    """A percent that was redeemed first keeps what it took of each item, though amounts come first in canonical order."""
    member, bill = district.member(), {"amount": 2_000, "items": A_AND_B}
    half, off, late = (
        new_coupon(district, member, stacking_group=group, **terms)["code"]
        for group, terms in (("a", HALF), ("b", OFF_A), ("c", OFF_A))
    )
    assert [redeem(district, one, **bill).ok(201)["discount_amount"] for one in (half, off)] == [1_000, 500]
    refused = redeem(district, late, **bill)
    assert check_problem(refused, 422, "nothing-left").pointers == {"/code"}
    sold = sale(district, **bill).ok(201)
    assert (sold["discount_amount"], sold["paid_amount"]) == (1_500, 500)
    back = [
        refund(district, transaction_id=sold["id"], amount=1_000, items=[{"line": line, "quantity": 1}]).ok(201)
        for line in (0, 1)
    ]
    assert [(one["money_amount"], one["discount_reversed"]) for one in back] == [(0, 1_000), (500, 500)]


def test_a_gift_that_takes_nothing_is_given_once(district: District) -> None:
    """An exchange at the item's own price takes a unit all the same, before its sale as on it."""
    member, items = district.member(), [{"sku": "G", "amount": 300}, {"sku": "B", "amount": 1_000}]
    gift = {"kind": "exchange", "amount_off": None, "sku": "G", "min_amount": 0}
    first, second = (
        new_coupon(district, member, exchange_price=price, stacking_group=f"up to {price}", **gift)["code"]
        for price in (300, 0)
    )
    assert redeem(district, first, amount=1_300, items=items).ok(201)["discount_amount"] == 0
    assert check_problem(redeem(district, second, amount=1_300, items=items), 422, "nothing-left")
    refused = sale(district, amount=1_300, items=items, coupons=[second])
    assert [one["code"] for one in check_problem(refused, 422, "validation-failed").body["errors"]] == ["nothing-left"]
    assert sale(district, amount=1_300, items=items).ok(201)["discount_amount"] == 0


def test_they_name_the_buyer_and_nobody_else_may(district: District) -> None:
    member, stranger = district.member(), district.member()
    coupon = new_coupon(district, member)
    made = redeem(district, coupon["code"]).ok(201)
    refused = check_problem(sale(district, member_id=stranger), 422, "validation-failed")
    assert [(one["pointer"], one["code"]) for one in refused.body["errors"]] == [
        ("/member_id", "coupon-of-another-member")
    ]
    assert redemption_of(district, made["id"]) == made
    assert sale(district, member_id=member).ok(201)["discount_amount"] == 1_000


def test_points_aren_t_spent_beside_what_goes_without(district: District) -> None:
    member = district.member()
    district.api.post(f"/v1/members/{member}/points/adjustments", {"points": 500, "reason": "x"}, district.key).ok()
    redeem(district, new_coupon(district, member, with_points=False)["code"]).ok(201)
    refused = check_problem(sale(district, member_id=member, points_to_spend=300), 422, "validation-failed")
    assert [(one["pointer"], one["code"]) for one in refused.body["errors"]] == [
        ("/points_to_spend", "not-with-points")
    ]
    sale(district, member_id=member).ok(201)


def test_only_of_its_own_merchant_and_reference(district: District) -> None:
    coupon, other = new_coupon(district), district.other_shop
    made = redeem(district, coupon["code"]).ok(201)
    there = sale(district, store_id=other.store_id, key=other.key).ok(201)
    elsewhere = sale(district, reference="A-2").ok(201)
    assert there["discount_amount"] == elsewhere["discount_amount"] == 0
    assert redemption_of(district, made["id"]) == made
    undone = roll_back(district, made["id"]).ok(200)
    assert sale(district).ok(201)["discount_amount"] == 0, "what was rolled back is no part of it"
    assert redemption_of(district, made["id"]) == undone


def test_in_a_batch_each_finds_its_own(district: District) -> None:
    made = {name: redeem(district, new_coupon(district)["code"], reference=name).ok(201)["id"] for name in ("A", "B")}
    body = {"transactions": [district.sale(reference=name) for name in ("A", "C", "B", "A")]}
    results = district.api.post("/v1/transactions/batch", body, district.key).ok(200)["results"]
    assert [one["status"] for one in results] == [201, 201, 201, 200]
    assert [one["transaction"]["discount_amount"] for one in results] == [1_000, 0, 1_000, 1_000]
    for place, name in ((0, "A"), (2, "B")):
        assert redemption_of(district, made[name])["transaction_id"] == results[place]["transaction"]["id"]


def test_a_quote_tells_of_it_and_links_nothing(district: District) -> None:
    made = redeem(district, new_coupon(district)["code"]).ok(201)
    body = district.sale(reference="A-1")
    assert district.api.post("/v1/transactions/quote", body, district.key).ok(200)["discount_amount"] == 1_000
    assert redemption_of(district, made["id"]) == made


def test_a_payment_that_came_first_lacks_it(district: District) -> None:
    sold = district.report(reference="P-1", payment_reference="4200001").ok(201)
    made = redeem(district, new_coupon(district)["code"]).ok(201)
    refused = sale(district, payment_reference="4200001")
    problem = check_problem(refused, 409, "payment-reference-conflict")
    assert (problem.body["transaction_id"], problem.pointers) == (sold["id"], {"/coupons"})
    assert redemption_of(district, made["id"]) == made


def test_whose_member_has_left_is_nobody_s_sale(district: District) -> None:
    member = district.member()
    made = redeem(district, new_coupon(district, member)["code"]).ok(201)
    district.api.delete(f"/v1/members/{member}", district.key).ok(200)
    sold = sale(district).ok(201)
    assert (sold["member_id"], sold["discount_amount"]) == (None, 1_000)
    assert redemption_of(district, made["id"])["transaction_id"] == sold["id"]


def test_a_pause_doesn_t_take_back_what_was_redeemed(district: District) -> None:
    coupon = new_coupon(district)
    redeem(district, coupon["code"]).ok(201)
    act(district, coupon["campaign_id"], "pause").ok(200)
    assert sale(district).ok(201)["discount_amount"] == 1_000


def test_a_sale_redeems_what_is_held_for_it(district: District) -> None:
    coupon = new_coupon(district)
    reserve(district, coupon["code"]).ok(200)
    for wrong in ({"reference": "A-2"}, {"store_id": district.other_shop.store_id}):
        refused = check_problem(sale(district, coupons=[coupon["code"]], **wrong), 422, "validation-failed")
        assert [one["code"] for one in refused.body["errors"]] == ["reserved"]
    assert sale(district, coupons=[coupon["code"]]).ok(201)["discount_amount"] == 1_000
    assert release(district, coupon["code"]).ok(200)["status"] == "redeemed"
    assert coupon_of(district, coupon["code"])["reserved_until"] is None
