"""Reporting a sale: the answer, who and where, what is refused, and the same reference again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.clock import ago
from tests.factories.districts import District, new_phone, new_shop
from tests.factories.points import entries

FIELDS: dict[str, Any] = {
    "object": str,
    "id": str,
    "reference": str,
    "merchant_id": str,
    "store_id": str,
    "member_id": str,
    "amount": int,
    "discount_amount": int,
    "points_spent": int,
    "points_amount": int,
    "paid_amount": int,
    "eligible_amount": int,
    "currency": str,
    "status": str,
    "coupons": list,
    "points_earned": int,
    "available_at": str,
    "expires_at": str,
    "balance": dict,
    "rule_set_version": int,
    "explanation": list,
    "occurred_at": str,
    "recorded_at": str,
}


def count(district: District) -> int:
    return len(district.api.get("/v1/transactions?limit=100", district.key).ok()["data"])


def test_a_sale_as_the_contract_shows_it(district: District) -> None:
    member, shop = district.member(), district.shop
    body = district.sale(member_id=member, channel="till", payment_method="wechat", metadata={"shift": "2"})
    made = district.api.post("/v1/transactions", body, district.key).ok(201)
    assert {name: type(made[name]) for name in FIELDS} == FIELDS
    assert made["object"] == "transaction"
    assert made["id"].startswith("txn_")
    assert (made["merchant_id"], made["store_id"], made["member_id"]) == (shop.merchant_id, shop.store_id, member)
    assert (made["reference"], made["amount"], made["paid_amount"]) == (body["reference"], 12800, 12800)
    assert (made["eligible_amount"], made["points_earned"], made["rule_set_version"]) == (12800, 128, 1)
    assert (made["discount_amount"], made["points_spent"], made["points_amount"]) == (0, 0, 0)
    assert (made["currency"], made["status"], made["coupons"]) == ("CNY", "recorded", [])
    assert made["balance"] == {"available": 128, "pending": 0, "owed": 0}
    assert made["explanation"] == [
        {"rule_key": "base", "name": "每 1 元得 1 积分", "outcome": "applied", "points": 128}
    ]
    assert (made["channel"], made["payment_method"], made["metadata"]) == ("till", "wechat", {"shift": "2"})
    assert made["occurred_at"] == made["recorded_at"]
    assert made["available_at"] <= made["occurred_at"] < made["expires_at"]
    assert all(made[name].endswith("Z") for name in ("available_at", "expires_at", "occurred_at", "recorded_at"))
    assert "claim_url" not in made
    assert district.api.get(f"/v1/transactions/{made['id']}", district.key).ok(200) == made


def test_items_are_kept_as_they_were_sent(district: District) -> None:
    items = [{"sku": "A", "name": "茶", "category": "drinks", "quantity": 2, "amount": 3000}, {"amount": 100}]
    made = district.report(member_id=district.member(), items=items).ok(201)
    filled = {"sku": None, "name": None, "category": None, "quantity": 1, "amount": 100}
    assert made["items"] == [items[0], filled]
    assert district.api.get(f"/v1/transactions/{made['id']}", district.key).ok()["items"] == made["items"]


def test_a_store_by_its_code(district: District) -> None:
    shop = district.other_shop
    made = district.report(store_code=shop.store_code, key=shop.key).ok(201)
    assert (made["store_id"], made["merchant_id"]) == (shop.store_id, shop.merchant_id)
    again = {"reference": made["reference"], "amount": 12800, "store_id": shop.store_id}
    assert district.api.post("/v1/transactions", again, shop.key).ok(200)["id"] == made["id"]


def test_a_store_s_key_needs_no_store(district: District) -> None:
    key = district.store_key(district.shop)
    body = {"reference": "S-1", "amount": 12800, "member_id": district.member()}
    made = district.api.post("/v1/transactions", body, key).ok(201)
    assert made["store_id"] == district.shop.store_id


@pytest.mark.parametrize("key_of", ["merchant", "alliance"])
def test_other_keys_need_a_store(district: District, key_of: str) -> None:
    key = district.key if key_of == "alliance" else district.shop.key
    refused = district.api.post("/v1/transactions", {"reference": "S-2", "amount": 1}, key)
    assert (refused.status, refused.pointers) == (422, {"/store_id"})


def test_a_key_reports_for_its_own_stores_alone(district: District, other_district: District) -> None:
    shop, other = district.shop, district.other_shop
    second = {"merchant_id": shop.merchant_id, "name": "西", "code": "A101-2"}
    second_id = district.api.post("/v1/stores", second, district.key).ok(201)["id"]
    store_key = district.store_key(shop)
    for key, store in (
        (shop.key, {"store_id": other.store_id}),
        (shop.key, {"store_code": other.store_code}),
        (store_key, {"store_id": second_id}),
        (store_key, {"store_code": "A101-2"}),
        (district.key, {"store_id": other_district.shop.store_id}),
        (district.key, {"store_id": "str_" + "9" * 32}),
        (district.key, {"store_code": "nowhere"}),
    ):
        refused = district.report(key=key, **store)
        assert (refused.status, refused.code, refused.pointers) == (404, "not-found", {f"/{next(iter(store))}"})
    assert count(district) == 0
    assert district.report(key=shop.key, store_id=second_id).status == 201


def test_a_member_of_another_district_is_nobody(district: District, other_district: District) -> None:
    for member in (other_district.member(), "mem_" + "9" * 32):
        refused = district.report(member_id=member)
        assert (refused.status, refused.code, refused.pointers) == (404, "not-found", {"/member_id"})
    assert count(district) == 0


def test_what_earns_may_be_less_than_what_was_paid(district: District) -> None:
    member = district.member()
    made = district.report(member_id=member, eligible_amount=1280).ok(201)
    assert (made["paid_amount"], made["eligible_amount"], made["points_earned"]) == (12800, 1280, 12)
    refused = district.report(member_id=member, eligible_amount=12801)
    assert (refused.status, refused.pointers) == (422, {"/eligible_amount"})
    assert count(district) == 1


@pytest.mark.parametrize(
    ("sale", "code"),
    [
        ({"amount": 0}, "nothing-eligible"),
        ({"amount": 12800, "eligible_amount": 0}, "nothing-eligible"),
        ({"amount": 99}, "amount-too-small"),
    ],
)
def test_a_sale_that_earns_nothing_posts_nothing_and_says_why(
    district: District, sale: dict[str, int], code: str
) -> None:
    member = district.member()
    made = district.report(member_id=member, **sale).ok(201)
    assert (made["points_earned"], made["available_at"], made["expires_at"]) == (0, None, None)
    assert made["balance"] == {"available": 0, "pending": 0, "owed": 0}
    [why] = made["explanation"]
    assert (why["rule_key"], why["outcome"], why["points"], why["code"]) == ("base", "skipped", 0, code)
    assert why["why"]
    assert entries(district, member) == []


def test_an_explanation_speaks_the_reader_s_english(district: District) -> None:
    made = district.report(member_id=district.member(), amount=99).ok(201)
    read = district.api.call(
        "GET", f"/v1/transactions/{made['id']}", key=district.key, headers={"Accept-Language": "en-GB,en;q=0.9"}
    )
    assert read.ok()["explanation"][0]["why"] == "The amount is too small for a whole point."
    assert read.body["explanation"][0]["code"] == made["explanation"][0]["code"]
    assert [one["explanation"][0]["name"] for one in (made, read.body)] == ["每 1 元得 1 积分", "1 point per yuan"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"reference": ""}, "/reference"),
        ({"reference": "a" * 256}, "/reference"),
        ({"reference": "tab\there"}, "/reference"),
        ({"reference": 7}, "/reference"),
        ({"amount": "12"}, "/amount"),
        ({"amount": 1.5}, "/amount"),
        ({"amount": True}, "/amount"),
        ({"amount": None}, "/amount"),
        ({"amount": -1}, "/amount"),
        ({"amount": 10_000_000_001}, "/amount"),
        ({"currency": "USD"}, "/currency"),
        ({"price": 1}, "/price"),
        ({"items": [{"amount": 1, "quantity": 0}]}, "/items/0/quantity"),
        ({"items": [{"amount": 1}, {"amount": "1"}]}, "/items/1/amount"),
        ({"metadata": {"k": 1}}, "/metadata/k"),
        ({"metadata": {"k" * 41: "v"}}, "/metadata/" + "k" * 41),
        ({"metadata": {"a/b": "v" * 501}}, "/metadata/a~1b"),
        ({"occurred_at": "2026-01-01T20:15:00"}, "/occurred_at"),
        ({"occurred_at": "yesterday"}, "/occurred_at"),
        ({"member_id": "mem_" + "1" * 32, "phone": "13800000000"}, "/phone"),
        ({"phone": "12"}, "/phone"),
        ({"payment_reference": "a b\nc"}, "/payment_reference"),
    ],
)
def test_what_is_no_sale(untouched: District, change: dict[str, Any], pointer: str) -> None:
    refused = untouched.report(**change)
    assert (refused.status, refused.code, refused.pointers) == (422, "validation-failed", {pointer})
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.body["type"] == "/problems/validation-failed"
    assert count(untouched) == 0


def test_several_flaws_are_named_at_once(district: District) -> None:
    refused = district.report(reference="", amount="1", extra=1)
    assert (refused.status, refused.pointers) == (422, {"/reference", "/amount", "/extra"})


@pytest.mark.parametrize("data", [b"{", b"\xff", b"{'a': 1}", b'{"amount": NaN}'])
def test_what_is_no_json(untouched: District, data: bytes) -> None:
    refused = untouched.api.call("POST", "/v1/transactions", key=untouched.key, data=data)
    assert (refused.status, refused.code) == (400, "malformed-json")


def test_a_body_over_a_mebibyte_is_too_large(district: District) -> None:
    refused = district.api.call("POST", "/v1/transactions", key=district.key, data=b" " * (2**20 + 1))
    assert (refused.status, refused.code) == (413, "body-too-large")


# The same reference again


def test_the_same_sale_again_answers_the_first_figures(district: District) -> None:
    member = district.member()
    body = district.sale(member_id=member, occurred_at=ago(hours=1))
    first = district.api.post("/v1/transactions", body, district.shop.key).ok(201)
    district.report(member_id=member, amount=1000).ok(201)
    again = district.api.post("/v1/transactions", body, district.key).ok(200)
    assert again == {**first, "balance": {"available": 138, "pending": 0, "owed": 0}}
    assert len(entries(district, member)) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 12801},
        {"eligible_amount": 12800},
        {"channel": "app"},
        {"payment_method": "alipay"},
        {"payment_reference": "4200001"},
        {"metadata": {"a": "b"}},
        {"items": [{"amount": 12800}]},
        {"occurred_at": "2026-01-01T00:00:00Z"},
        {"member_id": None},
    ],
    ids=str,
)
def test_the_same_reference_with_another_body_is_a_conflict(district: District, change: dict[str, Any]) -> None:
    member = district.member()
    body = district.sale(member_id=member)
    first = district.api.post("/v1/transactions", body, district.key).ok(201)
    refused = district.api.post("/v1/transactions", {**body, **change}, district.key)
    assert (refused.status, refused.code) == (409, "reference-conflict")
    assert district.api.get(f"/v1/transactions/{first['id']}", district.key).body == first
    assert count(district) == 1


def test_the_same_reference_for_another_member_is_a_conflict(district: District) -> None:
    body = district.sale(member_id=district.member())
    district.api.post("/v1/transactions", body, district.key).ok(201)
    for other in ({"member_id": district.member()}, {"member_id": None, "phone": new_phone()}):
        assert district.api.post("/v1/transactions", {**body, **other}, district.key).code == "reference-conflict"


def test_the_same_member_by_phone_is_the_same_sale(district: District) -> None:
    phone = new_phone()
    member = district.member(phone)
    body = district.sale(member_id=member)
    first = district.api.post("/v1/transactions", body, district.key).ok(201)
    by_phone = {**body, "member_id": None, "phone": f"+86 {phone}"}
    assert district.api.post("/v1/transactions", by_phone, district.key).ok(200)["id"] == first["id"]


def test_the_same_reference_of_another_merchant_is_another_sale(district: District) -> None:
    member, other = district.member(), district.other_shop
    first = district.report(member_id=member, reference="0001").ok(201)
    second = district.report(member_id=member, reference="0001", store_id=other.store_id).ok(201)
    assert second["id"] != first["id"]
    assert district.balance(member)["available"] == 256


def test_a_reference_is_the_merchant_s_not_the_store_s(district: District) -> None:
    second = {"merchant_id": district.shop.merchant_id, "name": "西", "code": "A101-2"}
    store_id = district.api.post("/v1/stores", second, district.key).ok(201)["id"]
    district.report(reference="0002").ok(201)
    assert district.report(reference="0002", store_id=store_id).code == "reference-conflict"


def test_a_new_store_sells_at_once(district: District) -> None:
    district.report().ok(201)
    shop = new_shop(district.api, district.key, "C303")
    assert district.report(store_id=shop.store_id, key=shop.key).ok(201)["merchant_id"] == shop.merchant_id


def test_a_letter_written_in_two_ways_is_one_reference(district: District) -> None:
    first = district.report(reference="caf\u00e9", amount=100).ok(201)
    again = district.report(reference="cafe\u0301", amount=100).ok(200)
    assert (again["id"], again["reference"]) == (first["id"], "caf\u00e9")
