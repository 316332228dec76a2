"""What coupons would take off a bill is told before it is paid: of those that are shown, or the best of a member's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.api import Reply
from tests.factories.codes import early_in_the_minute, phone_of, resolve
from tests.factories.coupons import act, claim, new_campaign
from tests.factories.districts import District, Shop, new_phone
from tests.factories.problems import check_problem

OFF: dict[str, Any] = {"amount_off": 1_000, "min_amount": 0, "stacking_group": "a"}
"""10.00 off from any bill, beside 12 percent."""
PERCENT: dict[str, Any] = {"kind": "percent_off", "percent_off": 12, "amount_off": None, "min_amount": 0}


def coupon(district: District, member_id: str, **terms: Any) -> Any:
    """A coupon of a campaign of its own."""
    return claim(district, new_campaign(district, **terms)["id"], member_id).ok(201)


def ask(district: District, shop: Shop | None = None, *, key: str | None = None, **question: Any) -> Reply:
    """Asks about a bill of 128.00, unless told otherwise."""
    body = {"amount": 12_800, "store_id": (shop or district.shop).store_id, **question}
    return district.api.post("/v1/coupons/validate", body, key or district.key)


def reasons(answer: Any) -> list[str | None]:
    return [one.get("why_not", {}).get("code") for one in answer["coupons"]]


def flaws(reply: Reply) -> dict[str, str]:
    return {flaw["pointer"]: flaw["code"] for flaw in reply.body["errors"]}


@pytest.fixture
def member(district: District) -> str:
    return district.member()


def test_it_tells_what_a_sale_would_take(district: District, member: str) -> None:
    off, percent = coupon(district, member, **OFF), coupon(district, member, **PERCENT)
    told = ask(district, coupons=[percent["code"], off["code"]]).ok(200)
    assert (told["discount_amount"], told["payable_amount"]) == (2_416, 10_384)
    assert told["coupons"] == [
        {
            "code": one["code"],
            "coupon_id": one["id"],
            "campaign_id": one["campaign_id"],
            "campaign_name": "周末满减",
            "applicable": True,
            "discount_amount": discount,
        }
        for one, discount in ((percent, 1_416), (off, 1_000))
    ]
    sold = district.report(amount=12_800, coupons=[off["code"], percent["code"]]).ok(201)
    assert (sold["discount_amount"], sold["paid_amount"]) == (2_416, 10_384)


def test_what_drops_out_is_told_with_the_reason(district: District, member: str) -> None:
    first, second = coupon(district, member), coupon(district, member)
    high = coupon(district, member, **{**OFF, "min_amount": 13_000})
    told = ask(district, coupons=[second["code"], first["code"], high["code"]]).ok(200)
    assert (told["discount_amount"], told["payable_amount"]) == (1_000, 11_800)
    assert reasons(told) == ["stacking-conflict", None, "below-minimum"]
    assert told["coupons"][0]["why_not"]["with"] == first["id"]
    assert told["coupons"][2]["why_not"]["missing"] == 200
    assert [one["discount_amount"] for one in told["coupons"]] == [0, 1_000, 0]


def test_reasons_are_told_in_the_reader_s_language(district: District, member: str) -> None:
    made = coupon(district, member)
    act(district, made["campaign_id"], "pause").ok(200)
    body = {"amount": 12_800, "store_id": district.shop.store_id, "coupons": [made["code"]]}
    for language, detail in (("zh", "该券所属活动已暂停。"), ("en", "The coupon's campaign is paused.")):
        told = district.api.call(
            "POST", "/v1/coupons/validate", body, key=district.key, headers={"Accept-Language": language}
        ).ok(200)
        assert told["coupons"][0]["why_not"] == {"code": "campaign-paused", "detail": detail}


def test_a_bad_code_refuses_the_whole(district: District, member: str) -> None:
    made = coupon(district, member)
    wrong = made["code"][:-1] + ("1" if made["code"][-1] != "1" else "2")
    refused = check_problem(ask(district, coupons=[made["code"], wrong]), 422, "code-mistyped")
    assert refused.pointers == {"/coupons/1"}
    refused = check_problem(ask(district, coupons=[made["code"], "0000-0000-0000-0"]), 404, "not-found")
    assert refused.pointers == {"/coupons/1"}
    items = [{"sku": "A", "amount": 12_801}]
    assert flaws(ask(district, coupons=[made["code"]], items=items)) == {"/items": "items-above-amount"}
    for none in ({}, {"coupons": []}):
        told = ask(district, **none).ok(200)
        assert (told["coupons"], told["discount_amount"], told["payable_amount"]) == ([], 0, 12_800)
    assert flaws(ask(district, coupons=[made["code"]], best=True)) == {"/best": "one-at-most"}


def test_points_on_the_bill_are_looked_at(district: District, member: str) -> None:
    made = coupon(district, member, with_points=False)
    told = ask(district, coupons=[made["code"]], points_to_spend=100).ok(200)
    assert reasons(told) == ["not-with-points"]


def test_the_same_idempotency_key_is_the_same_answer(district: District, member: str) -> None:
    made = coupon(district, member)
    body = {"amount": 12_800, "store_id": district.shop.store_id, "coupons": [made["code"]]}
    first = district.api.post("/v1/coupons/validate", body, district.key, "one").ok(200)
    act(district, made["campaign_id"], "pause").ok(200)
    again = district.api.post("/v1/coupons/validate", body, district.key, "one")
    assert (again.ok(200), again.headers["Idempotent-Replayed"]) == (first, "true")
    best = {"amount": 12_800, "store_id": district.shop.store_id, "best": True, "member_id": member}
    first = district.api.post("/v1/coupons/validate", best, district.key, "two").ok(200)
    again = district.api.post("/v1/coupons/validate", best, district.key, "two")
    assert (again.ok(200), first["coupons"][0]["code"]) == (first, made["code"])


def test_the_best_of_a_member_s_coupons(district: District, member: str) -> None:
    off, percent = coupon(district, member, **OFF), coupon(district, member, **PERCENT)
    alone = coupon(district, member, **{**OFF, "exclusive": True, "amount_off": 2_000})
    elsewhere = coupon(district, member, **OFF, merchant_ids=[district.other_shop.merchant_id])
    told = ask(district, member_id=member, best=True).ok(200)
    assert (told["discount_amount"], told["payable_amount"]) == (2_416, 10_384)
    by_code = {one["code"]: one for one in told["coupons"]}
    assert by_code.keys() == {one["code"] for one in (off, percent, alone, elsewhere)}
    assert {code for code, one in by_code.items() if one["applicable"]} == {off["code"], percent["code"]}
    assert by_code[alone["code"]]["why_not"]["code"] == "exclusive"
    assert by_code[elsewhere["code"]]["why_not"]["code"] == "wrong-shop"
    assert flaws(ask(district, best=True)) == {"/member_id": "member-needed"}
    phone = new_phone()
    other = district.member(phone)
    assert ask(district, phone=phone, best=True).ok(200)["coupons"] == []
    assert check_problem(ask(district, best=True, member_id="mem_" + "0" * 32), 404).pointers == {"/member_id"}
    assert other != member


@pytest.mark.usefixtures("context")
def test_a_shop_sees_codes_only_while_the_member_is_there(district: District, member: str) -> None:
    early_in_the_minute()
    phone = phone_of(district, member)
    off = coupon(district, member, **OFF)
    elsewhere = coupon(district, member, **OFF, merchant_ids=[district.other_shop.merchant_id])
    key = district.shop.key
    for named in ({}, {"member_id": member}):
        assert flaws(ask(district, key=key, best=True, **named)) == {"/member_code": "presence-needed"}
    code = phone.code()
    told = ask(district, key=key, best=True, member_code=code).ok(200)
    assert {one["coupon_id"]: one["code"] for one in told["coupons"]} == {off["id"]: off["code"], elsewhere["id"]: None}
    token = resolve(district, code).ok(200)["presence_token"]
    check_problem(ask(district, key=key, best=True, member_code=code), 409, "member-code-used")
    told = ask(district, key=key, best=True, presence_token=token).ok(200)
    assert told["discount_amount"] == 1_000
    audited = district.api.get("/v1/audit-entries?action=member.coupons_read", district.key).ok(200)["data"]
    assert [(one["subject"]["id"], one["details"]) for one in audited] == [(member, {"coupons": 2})] * 2
