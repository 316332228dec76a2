"""The body of a sale: what is accepted, what it becomes, and where a flaw points."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from marshmallow import Schema

from app.foundation.figures.money import MAX_AMOUNT
from app.foundation.http.validation import load
from app.foundation.problems import NotFound, ValidationFailed
from app.transactions.reports import SaleReport
from app.transactions.schemas import SALE, TRANSACTIONS, ClaimBody, SummaryQuery

HEX = "0193f0a1b2c37d4e8f90a1b2c3d4e5f6"
STORE, MEMBER, SALE_ID = f"str_{HEX}", f"mem_{HEX}", f"txn_{HEX}"


def sale(**changes: Any) -> dict[str, Any]:
    return {"reference": "A101-1", "amount": 12800} | changes


def flaws(body: Any, schema: Schema = SALE) -> set[tuple[str, str]]:
    with pytest.raises((ValidationFailed, NotFound)) as caught:
        load(schema, body)
    return {(flaw.pointer, flaw.code) for flaw in caught.value.flaws}


def test_the_least_that_is_a_sale_gets_every_default() -> None:
    assert load(SALE, sale()) == SaleReport("A101-1", 12800)


def test_the_sale_of_the_contract() -> None:
    loaded = load(
        SALE,
        sale(
            store_id=STORE,
            member_id=MEMBER,
            currency="CNY",
            occurred_at="2026-01-01T20:15:00+08:00",
            items=[
                {"sku": "1", "name": "面", "category": "food", "quantity": 1, "amount": 12800},
                {"amount": 0},
            ],
            metadata={"table": "7"},
        ),
    )
    assert loaded.occurred_at == datetime(2026, 1, 1, 12, 15, tzinfo=UTC)
    assert loaded.items[1] == {"sku": None, "name": None, "category": None, "quantity": 1, "amount": 0}
    assert loaded.metadata == {"table": "7"}


@pytest.mark.parametrize("phone", ["13800000000", "138 0000 0000", "+86 138-0000-0000", "0086 13800000000"])
def test_a_phone_is_one_however_it_is_written(phone: str) -> None:
    assert load(SALE, sale(phone=phone)).phone == "+8613800000000"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({}, {("/reference", "required"), ("/amount", "required")}),
        (sale(amount="12"), {("/amount", "invalid-type")}),
        (sale(amount=1.5), {("/amount", "invalid-type")}),
        (sale(amount=True), {("/amount", "invalid-type")}),
        (sale(amount=None), {("/amount", "null")}),
        (sale(amount=-1), {("/amount", "out-of-range")}),
        (sale(amount=MAX_AMOUNT + 1), {("/amount", "out-of-range")}),
        (sale(reference=""), {("/reference", "invalid-length")}),
        (sale(reference="x" * 256), {("/reference", "invalid-length")}),
        (sale(reference="a\0b"), {("/reference", "invalid-characters")}),
        (sale(reference=" a"), {("/reference", "invalid-characters")}),
        (sale(reference=1), {("/reference", "invalid-type")}),
        (sale(occurred_at="2026-01-01T20:15:00"), {("/occurred_at", "invalid-instant")}),
        (sale(occurred_at=1767269700), {("/occurred_at", "invalid-type")}),
        (sale(currency="CNYX"), {("/currency", "invalid-length")}),
        (sale(coupons=["ABC"] * 21), {("/coupons", "invalid-length")}),
        (sale(items=[None]), {("/items/0", "null")}),
        (sale(points_to_spend=-1), {("/points_to_spend", "out-of-range")}),
        (sale(phone="12"), {("/phone", "invalid-length")}),
        (sale(phone="99999999999"), {("/phone", "invalid-phone")}),
        (sale(phone=13800000000), {("/phone", "invalid-type")}),
        (sale(payment_reference="x" * 129), {("/payment_reference", "invalid-length")}),
        (sale(channel="a\x00"), {("/channel", "invalid-characters")}),
        (
            sale(items=[{"amount": 1}, {"quantity": 0}]),
            {("/items/1/amount", "required"), ("/items/1/quantity", "out-of-range")},
        ),
        (sale(items=[{"amount": 1, "colour": "red"}]), {("/items/0/colour", "unknown-field")}),
        (sale(items=[{"amount": 0}] * 501), {("/items", "invalid-length")}),
        (sale(metadata={"a/b~c": 1}), {("/metadata/a~1b~0c", "invalid-metadata")}),
        (sale(tip=5), {("/tip", "unknown-field")}),
        (sale(member_id=MEMBER, phone="13800000000"), {("/phone", "one-at-most")}),
        (sale(member_id=MEMBER, member_code="88"), {("/member_code", "one-at-most")}),
        (sale(member_code="88", presence_token="pt_"), {("/presence_token", "one-at-most")}),
        (sale(presence_token="pt_", phone="13800000000"), {("/phone", "one-at-most")}),
        (sale(member_code=880000012345123456), {("/member_code", "invalid-type")}),
        (sale(member_code=""), {("/member_code", "invalid-length")}),
        (sale(presence_token="x" * 201), {("/presence_token", "invalid-length")}),
        (sale(store_id=STORE, store_code="A101-1"), {("/store_code", "one-at-most")}),
        ([], {("", "invalid-type")}),
    ],
    ids=lambda value: None,
)
def test_sales_that_do_not_fit(body: Any, wanted: set[tuple[str, str]]) -> None:
    assert flaws(body) == wanted


@pytest.mark.parametrize("body", [sale(store_id="str_1"), sale(member_id=STORE), sale(store_id=f"mer_{HEX}")], ids=str)
def test_an_id_of_another_shape_is_answered_as_an_unknown_one(body: dict[str, Any]) -> None:
    with pytest.raises(NotFound):
        load(SALE, body)


@pytest.mark.parametrize(
    "name",
    [
        "store_id",
        "store_code",
        "member_id",
        "member_code",
        "presence_token",
        "phone",
        "eligible_amount",
        "currency",
        "coupons",
        "points_to_spend",
        "occurred_at",
        "channel",
        "payment_method",
        "payment_reference",
        "items",
        "metadata",
    ],
)
def test_what_may_be_left_out_may_be_null(name: str) -> None:
    assert load(SALE, sale(**{name: None})) == load(SALE, sale())


def test_references_may_be_long_and_of_any_script() -> None:
    for reference in ("x" * 255, "单号-1", "a b", "!", "~"):
        assert load(SALE, sale(reference=reference)).reference == reference


def test_a_claim_names_a_member() -> None:
    assert load(ClaimBody(), {"member_id": MEMBER}) == {"member_id": MEMBER, "member_code": None}
    assert load(ClaimBody(), {"member_code": "88"}) == {"member_id": None, "member_code": "88"}
    assert flaws({}, ClaimBody()) == {("/member_id", "required")}
    assert flaws({"member_id": MEMBER, "member_code": "88"}, ClaimBody()) == {("/member_code", "one-at-most")}


def test_the_list_of_sales_has_filters() -> None:
    query = {
        "limit": "5",
        "starting_after": SALE_ID,
        "member_id": MEMBER,
        "merchant_id": f"mer_{HEX}",
        "store_id": STORE,
        "reference": "A101-1",
        "occurred_from": "2026-01-01T00:00:00+08:00",
        "occurred_to": "2026-01-02T00:00:00+08:00",
        "status": "refunded",
    }
    loaded = load(TRANSACTIONS, query)
    assert loaded.keys() == query.keys()
    assert loaded["occurred_from"] == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert flaws({"starting_after": MEMBER, "status": "lost", "amount": "1"}, TRANSACTIONS) == {
        ("/starting_after", "not-found"),
        ("/status", "not-a-choice"),
        ("/amount", "unknown-field"),
    }


def test_the_summary_of_a_day() -> None:
    assert load(SummaryQuery(), {"on": "2026-01-01"}) == {"on": date(2026, 1, 1), "store_id": None}
    assert flaws({}, SummaryQuery()) == {("/on", "required")}
    assert flaws({"on": "2026-W01-1"}, SummaryQuery()) == {("/on", "invalid-date")}
