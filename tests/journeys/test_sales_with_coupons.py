"""Sales are paid with coupons: in one step, all of them or none, and each only once."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.foundation.database.pipeline import Pipeline
from tests.factories.api import Reply
from tests.factories.books import broken
from tests.factories.coupons import act, campaign_of, claim, new_campaign
from tests.factories.districts import District, new_phone
from tests.factories.problems import check_problem


@pytest.fixture(autouse=True)
def books(district: District, app: Flask) -> Any:
    """Whatever a test does, the books hold afterwards."""
    yield
    with app.app_context():
        assert broken(district.id) == {}


def coupon(district: District, member_id: str, **terms: Any) -> Any:
    """A coupon of a campaign of its own."""
    return claim(district, new_campaign(district, **terms)["id"], member_id).ok(201)


def counts(district: District, made: Any) -> dict[str, Any]:
    """Those counts of a coupon's campaign that aren't 0 or null."""
    return {name: one for name, one in campaign_of(district, made["campaign_id"])["counts"].items() if one}


def status(district: District, made: Any) -> str:
    return str(district.api.get(f"/v1/coupons/{made['code']}", district.key).ok(200)["status"])


def sold(district: District, **sale: Any) -> Any:
    """A sale that is recorded."""
    return district.report(**sale).ok(201)


def refusals(reply: Reply) -> dict[str, str]:
    problem = check_problem(reply, 422, "validation-failed").body
    return {flaw["pointer"]: flaw["code"] for flaw in problem["errors"]}


def test_a_sale_takes_a_coupon_off_its_bill(district: District) -> None:
    member = district.member()
    made = coupon(district, member, budget=50_000)
    sale = sold(district, member_id=member, amount=12_800, coupons=[made["code"]])
    assert (sale["discount_amount"], sale["paid_amount"], sale["eligible_amount"]) == (1_000, 11_800, 11_800)
    assert sale["points_earned"] == 118
    used = {"code_hint": made["code_hint"], "campaign_id": made["campaign_id"], "discount_amount": 1_000}
    assert sale["coupons"] == [used]
    assert status(district, made) == "redeemed"
    assert counts(district, made) == {"issued": 1, "redeemed": 1, "budget_left": 49_000, "discount_given": 1_000}
    assert district.api.get(f"/v1/transactions/{sale['id']}", district.key).ok(200)["coupons"] == [used]
    [told] = district.api.get("/v1/events?type=coupon.redeemed", district.key).ok(200)["data"]
    assert (told["data"]["coupon_id"], told["data"]["transaction_id"]) == (made["id"], sale["id"])


def test_coupons_come_before_points(district: District) -> None:
    """The share of a bill that points may pay is of what coupons leave of it."""
    member, key = district.member(), district.key
    sold(district, member_id=member, amount=1_000_000)
    district.api.patch("/v1/programme", {"spend_proof": "any", "max_spend_percent": 50}, key).ok(200)
    made = coupon(district, member, amount_off=2_000)
    body = {"member_id": member, "amount": 12_000, "coupons": [made["code"]]}
    assert refusals(district.report(**body, points_to_spend=5_001)) == {"/points_to_spend": "above-share"}
    assert status(district, made) == "issued"
    sale = sold(district, **body, points_to_spend=5_000)
    assert (sale["discount_amount"], sale["points_amount"], sale["paid_amount"]) == (2_000, 5_000, 5_000)
    assert (sale["eligible_amount"], sale["points_earned"]) == (5_000, 50)


def test_the_order_of_codes_changes_nothing(district: District) -> None:
    member = district.member()
    off, percent = (
        coupon(district, member, stacking_group="a"),
        coupon(district, member, kind="percent_off", percent_off=12, amount_off=None, stacking_group="b", min_amount=0),
    )
    codes = [percent["code"].lower().replace("-", " "), off["code"]]
    body = {"reference": "S1", "member_id": member, "amount": 12_800}
    sale = sold(district, **body, coupons=codes)
    assert (sale["discount_amount"], sale["paid_amount"]) == (2_416, 10_384)
    assert [one["discount_amount"] for one in sale["coupons"]] == [1_000, 1_416]
    again = district.report(**body, coupons=[off["code"], percent["code"]])
    assert (again.status, again.body["id"], again.body["coupons"]) == (200, sale["id"], sale["coupons"])
    for other in ([], [off["code"]]):
        refused = check_problem(district.report(**body, coupons=other), 409, "reference-conflict")
        assert refused.pointers == {"/coupons"}


def test_all_or_nothing(district: District) -> None:
    member = district.member()
    good, high = coupon(district, member), coupon(district, member, min_amount=12_801, stacking_group="b")
    body = {"member_id": member, "amount": 12_800}
    refused = district.report(**body, coupons=[good["code"], high["code"]])
    assert refusals(refused) == {"/coupons/1": "below-minimum"}
    wrong = good["code"][:-1] + ("1" if good["code"][-1] != "1" else "2")
    assert check_problem(district.report(**body, coupons=[good["code"], wrong]), 422, "code-mistyped").pointers == {
        "/coupons/1"
    }
    unknown = "0000-0000-0000-0"
    assert check_problem(district.report(**body, coupons=[good["code"], unknown]), 404, "not-found").pointers == {
        "/coupons/1"
    }
    assert refusals(district.report(**body, coupons=[good["code"]] * 2)) == {"/coupons/1": "code-twice"}
    items = [{"sku": "A", "amount": 12_801}]
    assert refusals(district.report(**body, coupons=[good["code"]], items=items)) == {"/items": "items-above-amount"}
    assert (status(district, good), status(district, high)) == ("issued", "issued")
    assert district.balance(member)["lifetime"]["earned"] == 0
    assert counts(district, good) == {"issued": 1}


def test_a_coupon_is_used_once(district: District) -> None:
    member = district.member()
    made = coupon(district, member)
    sold(district, member_id=member, amount=12_800, coupons=[made["code"]])
    assert refusals(district.report(member_id=member, amount=12_800, coupons=[made["code"]])) == {
        "/coupons/0": "redeemed"
    }


def test_what_stands_against_a_coupon(district: District) -> None:
    member, other = district.member(), district.member()
    made = coupon(district, member)
    body = {"amount": 12_800, "coupons": [made["code"]]}
    assert refusals(district.report(**body, member_id=other)) == {"/coupons/0": "coupon-of-another-member"}
    act(district, made["campaign_id"], "pause").ok(200)
    assert refusals(district.report(**body, member_id=member)) == {"/coupons/0": "campaign-paused"}
    act(district, made["campaign_id"], "resume").ok(200)
    district.api.post(f"/v1/members/{member}/freeze", {}, district.key).ok(200)
    assert refusals(district.report(**body, member_id=member)) == {"/coupons/0": "member-frozen"}
    assert refusals(district.report(**body)) == {"/coupons/0": "member-frozen"}
    assert status(district, made) == "issued"


def test_a_coupon_may_earn_no_points(district: District) -> None:
    member = district.member()
    made = coupon(district, member, earns_points=False)
    body = {"member_id": member, "amount": 12_800, "coupons": [made["code"]]}
    assert refusals(district.report(**body, eligible_amount=11_801)) == {"/eligible_amount": "out-of-range"}
    sale = sold(district, **body, reference="S1")
    assert (sale["paid_amount"], sale["eligible_amount"], sale["points_earned"]) == (11_800, 0, 0)
    assert district.report(**body, reference="S1").status == 200


def test_a_coupon_names_its_member(district: District) -> None:
    member = district.member()
    made = coupon(district, member)
    sale = sold(district, amount=12_800, coupons=[made["code"]], reference="S1")
    assert (sale["member_id"], sale["points_earned"]) == (member, 118)
    assert district.balance(member)["lifetime"]["earned"] == 118
    again = district.report(amount=12_800, coupons=[made["code"]], reference="S1")
    assert (again.status, again.body["member_id"]) == (200, member)
    check_problem(district.report(amount=12_800, coupons=[made["code"]], reference="S1", member_id=member), 409)


def test_a_payment_that_was_reported_without_the_coupon(district: District) -> None:
    member = district.member()
    made = coupon(district, member)
    body = {"member_id": member, "amount": 12_800, "payment_reference": "P1"}
    sale = sold(district, **body)
    refused = check_problem(district.report(**body, coupons=[made["code"]]), 409, "payment-reference-conflict")
    assert (refused.pointers, refused.body["transaction_id"]) == ({"/coupons"}, sale["id"])
    assert status(district, made) == "issued"
    with_it = sold(district, **{**body, "payment_reference": "P2"}, coupons=[made["code"]])
    again = district.report(**{**body, "payment_reference": "P2"}, coupons=[made["code"]])
    assert (again.status, again.body["id"]) == (200, with_it["id"])


def test_sales_of_a_batch_see_each_others_coupons(district: District) -> None:
    member = district.member()
    made = coupon(district, member)
    sales = [
        {"reference": f"S{n}", "store_id": district.shop.store_id, "amount": 12_800, "coupons": [made["code"]]}
        for n in range(2)
    ]
    first, second = district.api.post("/v1/transactions/batch", {"transactions": sales}, district.key).ok(200)[
        "results"
    ]
    assert (first["status"], first["transaction"]["discount_amount"]) == (201, 1_000)
    assert (second["status"], second["problem"]["errors"][0]["code"]) == (422, "redeemed")
    assert counts(district, made) == {"issued": 1, "redeemed": 1, "discount_given": 1_000}


def test_a_quote_reckons_coupons_and_uses_none(district: District) -> None:
    member = district.member()
    made = coupon(district, member)
    body = district.sale(amount=12_800, coupons=[made["code"]])
    for key, named, shown in (
        (district.key, {"member_id": member}, member),
        (district.key, {}, member),
        (district.shop.key, {}, None),
        (district.shop.key, {"member_id": member}, None),
        (district.other_shop.key, {"store_id": district.other_shop.store_id}, None),
    ):
        quoted = district.api.post("/v1/transactions/quote", {**body, **named}, key).ok(200)
        assert (quoted["discount_amount"], quoted["paid_amount"], quoted["points_earned"]) == (1_000, 11_800, 118)
        assert (quoted["member_id"], [one["code_hint"] for one in quoted["coupons"]]) == (shown, [made["code_hint"]])
    assert status(district, made) == "issued"
    other = district.member()
    refused = district.api.post("/v1/transactions/quote", {**body, "member_id": other}, district.key)
    assert refusals(refused) == {"/coupons/0": "coupon-of-another-member"}


def test_a_sale_without_coupons_pays_nothing_for_them(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes there and back as often as ever, and asks nothing about coupons; once more only where a coupon says who buys."""
    sent: list[list[bytes]] = []
    exchange = Pipeline._exchange

    def counted(self: Pipeline, statements: Any) -> Any:
        sent.append([one.text for one in statements])
        return exchange(self, statements)

    member = district.member()
    made = [coupon(district, member) for _ in range(4)]
    sold(district, member_id=member, coupons=[made[0]["code"]])
    sold(district, coupons=[made[1]["code"]])
    sold(district, member_id=member)
    monkeypatch.setattr(Pipeline, "_exchange", counted)
    sold(district, member_id=member)
    assert len(sent) == 2
    assert not any(b"coupons AS c" in text or b"campaign" in text for texts in sent for text in texts)
    sent.clear()
    sold(district, member_id=member, coupons=[made[2]["code"]])
    assert len(sent) == 2
    sent.clear()
    sold(district, coupons=[made[3]["code"]])
    assert len(sent) == 3


def test_a_coupon_names_the_buyer_where_a_sale_names_nobody_that_is_known(district: District) -> None:
    """A new number that gets a coupon from a friend: the friend earns, as where nobody is named; the books hold."""
    member, phone = district.member(), new_phone()
    sale = sold(district, phone=phone, coupons=[coupon(district, member)["code"]])
    assert (sale["member_id"], sale["discount_amount"]) == (member, 1_000)
    later = district.member(phone)
    assert district.balance(later)["available"] == 0
    assert district.balance(member)["available"] > 0
