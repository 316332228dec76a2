"""A payment's number is no key to another merchant's sale."""

from __future__ import annotations

from collections import Counter
from typing import Any

import psycopg
import pytest

from tests.factories.checksums import checksums
from tests.factories.clock import ago
from tests.factories.districts import District, Shop, new_phone, new_shop
from tests.factories.problems import check_problem

PAYMENT = "4200001"
PRIVATE = ("member_id", "balance", "claim_url")


def sell(district: District, shop: Shop, **sale: Any) -> Any:
    """A sale of 100.00 that was paid by PAYMENT, by the shop's own key."""
    body = {"amount": 10_000, "payment_reference": PAYMENT, "store_id": shop.store_id, **sale}
    return district.report(key=shop.key, **body)


def events(district: District, kind: str, key: str | None = None) -> list[Any]:
    rows = district.api.get("/v1/events?limit=100", key or district.key).ok(200)["data"]
    return [row["data"] for row in rows if row["type"] == kind]


def shared(district: District, key: str | None = None) -> Counter[frozenset[str]]:
    """The pairs of sales that the alliance was told of, and how often."""
    rows = events(district, "transaction.payment_shared", key)
    return Counter(frozenset((row["transaction_id"], row["other_transaction_id"])) for row in rows)


@pytest.mark.parametrize("is_a_member_s", [False, True], ids=["unclaimed", "a member's"])
def test_nothing_of_one_merchant_s_sale_is_told_to_another(district: District, is_a_member_s: bool) -> None:
    """The same number at two merchants is two sales; the second's answer holds nothing of the first."""
    buyer = {"member_id": district.member()} if is_a_member_s else {}
    first = sell(district, district.shop, metadata={"cashier": "li"}, **buyer).ok(201)
    second = sell(district, district.other_shop).ok(201)
    assert second["id"] != first["id"]
    assert (second["merchant_id"], second["metadata"]) == (district.other_shop.merchant_id, {})
    assert [second.get(name) for name in PRIVATE[:2]] == [None, None]
    assert second["claim_url"] != first.get("claim_url")
    assert district.api.get(f"/v1/transactions/{first['id']}", district.other_shop.key).status == 404
    assert (
        district.api.get(f"/v1/transactions/{first['id']}", district.shop.key).ok(200)["member_id"]
        == first["member_id"]
    )


def test_nobody_takes_or_blocks_another_merchant_s_sale(district: District) -> None:
    """A number that somebody was quicker with, with another amount or for another member, stands in nobody's way."""
    thief, member = district.member(), district.member()
    sell(district, district.other_shop, amount=1, member_id=thief).ok(201)
    mine = sell(district, district.shop).ok(201)
    sell(district, district.other_shop, amount=1, member_id=thief).ok(200)
    assert sell(district, district.shop, member_id=member).ok(200)["id"] == mine["id"]
    assert (district.balance(member)["available"], district.balance(thief)["available"]) == (100, 0)


def test_the_alliance_is_told_of_every_two_sales_of_a_payment_once(district: District) -> None:
    """Also where they are reported again, quoted, refused or sent in one batch; and no merchant's key reads it."""
    shops = [district.shop, district.other_shop, new_shop(district.api, district.key, "C303")]
    reader = district.merchant_key(district.shop, scopes=["webhooks:write"])
    ids = [sell(district, shop, reference="R1").ok(201)["id"] for shop in shops]
    for shop in shops:
        sell(district, shop, reference="R1").ok(200)
        sell(district, shop).ok(200)
        assert sell(district, shop, amount=1).status == 409
    pairs = {frozenset((ids[one], ids[other])): 1 for one, other in ((0, 1), (0, 2), (1, 2))}
    assert shared(district) == pairs
    assert events(district, "transaction.payment_shared", reader) == []
    assert events(district, "transaction.recorded", reader)


def test_a_batch_of_two_merchants_tells_it_too(district: District) -> None:
    """An alliance's system reports for its merchants: one number in one batch."""
    stores = [district.shop.store_id, district.other_shop.store_id] * 2
    sales = [district.sale(payment_reference=PAYMENT, store_id=store) for store in stores]
    district.api.post("/v1/transactions/quote", sales[0], district.key).ok(200)
    rows = district.api.post("/v1/transactions/batch", {"transactions": sales}, district.key).ok(200)["results"]
    assert [row["status"] for row in rows] == [201, 201, 200, 200]
    ids = [row["transaction"]["id"] for row in rows]
    assert ids[:2] == ids[2:]
    assert shared(district) == {frozenset(ids): 1}


def test_another_amount_at_the_same_merchant_is_refused(district: District, superuser: psycopg.Connection) -> None:
    """One payment has one amount; what differs is said."""
    sell(district, district.shop).ok(201)
    before = checksums(superuser, district.id)
    refused = check_problem(sell(district, district.shop, amount=9_999), 409, "payment-reference-conflict")
    assert [(one["pointer"], one["code"]) for one in refused.body["errors"]] == [("/amount", "differs")]
    assert checksums(superuser, district.id) == before


# A second report that gives a sale to a member is a claim


def unclaimed(district: District, count: int, **sale: Any) -> list[dict[str, Any]]:
    """Sales that are nobody's, as they were reported, each with a payment of its own."""
    bodies = [{**district.sale(amount=10_000, payment_reference=f"P{number}"), **sale} for number in range(count)]
    for body in bodies:
        district.api.post("/v1/transactions", body, district.shop.key).ok(201)
    return bodies


def again(district: District, bodies: list[dict[str, Any]], **buyer: Any) -> list[dict[str, Any]]:
    """The same payments, each reported again under a reference of its own, with a buyer."""
    sales = []
    for body in bodies:
        kept = {name: value for name, value in body.items() if name not in ("reference", "phone")}
        sales.append({**district.sale(), **kept, **buyer})
    return sales


@pytest.mark.parametrize("way", ["singly", "in a batch", "to a phone", "of sales to a phone that nobody has"])
def test_a_member_gets_no_more_than_a_day_s_receipts(district: District, way: str) -> None:
    """Fifteen payments reported again for one member: ten are given, five refused, whichever way they come."""
    phone = new_phone()
    member = district.member(phone)
    bodies = unclaimed(district, 15, **({"phone": new_phone()} if way.startswith("of sales") else {}))
    sales = again(district, bodies, **({"phone": phone} if way == "to a phone" else {"member_id": member}))
    if way == "in a batch":
        rows = district.api.post("/v1/transactions/batch", {"transactions": sales}, district.shop.key).ok(200)[
            "results"
        ]
        statuses = [row["status"] for row in rows]
    else:
        statuses = [district.api.post("/v1/transactions", sale, district.shop.key).status for sale in sales]
    assert statuses == [200] * 10 + [429] * 5
    assert district.balance(member)["available"] == 1_000


def test_a_batch_that_reports_and_claims_gets_no_more(district: District) -> None:
    """Fifteen sales to nobody and their payments again, for one member, in one batch."""
    member = district.member()
    bodies = [district.sale(amount=10_000, payment_reference=f"P{number}") for number in range(15)]
    sales = [*bodies, *again(district, bodies, member_id=member)]
    rows = district.api.post("/v1/transactions/batch", {"transactions": sales}, district.shop.key).ok(200)["results"]
    assert Counter(row["status"] for row in rows) == {201: 15, 200: 10, 429: 5}
    assert district.balance(member)["available"] == 1_000
    receipt = district.report(amount=10_000).ok(201)["id"]
    assert district.api.post(f"/v1/transactions/{receipt}/claim", {"member_id": member}, district.key).status == 429


def test_a_phone_named_by_second_reports_joins_to_no_more(district: District) -> None:
    """Who names a phone later, and has it join then, gets a day's receipts; what was sold to it at once is its own."""
    phone = new_phone()
    sales = again(district, unclaimed(district, 15), phone=phone)
    for sale in sales:
        assert district.api.post("/v1/transactions", sale, district.shop.key).ok(200)["member_id"] is None
    for _ in range(12):
        district.report(amount=10_000, phone=phone).ok(201)
    assert district.balance(district.member(phone))["available"] == 2_200


def test_a_frozen_member_gets_nothing_by_a_second_report(district: District, superuser: psycopg.Connection) -> None:
    """As by a claim: 409, and the sale stays open."""
    member = district.member()
    [body] = unclaimed(district, 1)
    district.api.post(f"/v1/members/{member}/freeze", {}, district.key).ok(200)
    before = checksums(superuser, district.id)
    [sale] = again(district, [body], member_id=member)
    check_problem(district.api.post("/v1/transactions", sale, district.shop.key), 409, "member-frozen")
    assert checksums(superuser, district.id) == before


@pytest.mark.parametrize("batch", [False, True])
def test_what_staff_get_by_a_second_report_is_told(district: District, batch: bool) -> None:
    """A claim of staff is looked at, however it comes."""
    member = district.member(tags=["staff"])
    sales = again(district, unclaimed(district, 2), member_id=member)
    if batch:
        district.api.post("/v1/transactions/batch", {"transactions": sales}, district.shop.key).ok(200)
    else:
        for sale in sales:
            district.api.post("/v1/transactions", sale, district.shop.key).ok(200)
    flagged = events(district, "transaction.claim_flagged")
    assert [(one["member_id"], one["reason"]) for one in flagged] == [(member, "staff")] * 2


def test_a_sale_to_a_member_counts_as_no_claim(district: District) -> None:
    """Who buys twenty times a day buys twenty times a day."""
    member = district.member()
    for number in range(12):
        body = district.sale(amount=10_000, payment_reference=f"P{number}", member_id=member)
        district.api.post("/v1/transactions", body, district.shop.key).ok(201)
        district.api.post("/v1/transactions", {**body, "reference": f"{number} again"}, district.shop.key).ok(200)
    assert district.balance(member)["available"] == 1_200


# The link on a receipt


def test_the_link_of_a_receipt_is_for_whoever_reported_it(district: District) -> None:
    """A key that only reads, another store's, the alliance's: all see the sale that they may see, none has its link."""
    shop, other = district.shop, district.other_shop
    store = {"merchant_id": shop.merchant_id, "name": "x", "code": "A101-2"}
    second = district.api.post("/v1/stores", store, district.key).ok(201)["id"]
    till = district.store_key(shop)
    body = district.sale(payment_reference=PAYMENT)
    sale = district.api.post("/v1/transactions", body, till).ok(201)
    link, path = sale["claim_url"], f"/v1/transactions/{sale['id']}"
    assert district.api.get(path, till).ok(200)["claim_url"] == link
    assert district.api.post("/v1/transactions", body, till).ok(200)["claim_url"] == link
    reader = district.merchant_key(shop, scopes=["transactions:read"])
    for key in (reader, shop.key, district.key):
        assert "claim_url" not in district.api.get(path, key).ok(200)
        assert ["claim_url" in one for one in district.api.get("/v1/transactions", key).ok(200)["data"]] == [False]
    elsewhere = {**district.sale(store_id=second), "payment_reference": PAYMENT}
    assert "claim_url" not in district.api.post("/v1/transactions", elsewhere, shop.key).ok(200)
    batch = district.api.post("/v1/transactions/batch", {"transactions": [elsewhere]}, shop.key).ok(200)["results"]
    assert "claim_url" not in batch[0]["transaction"]
    assert district.api.post("/v1/transactions", body, shop.key).ok(200)["claim_url"] == link, "it has reported it, too"
    assert sell(district, other).ok(201)["claim_url"] != link


def test_a_claim_that_is_too_late_by_a_second_report_gives_nothing(district: District) -> None:
    """The number of an old payment opens nothing: the days to claim count from the recording."""
    [body] = unclaimed(district, 1, occurred_at=ago(days=6))
    [sale] = again(district, [body], member_id=district.member())
    assert district.api.post("/v1/transactions", sale, district.shop.key).ok(200)["member_id"] is not None
