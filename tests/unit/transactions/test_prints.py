"""Prints that stand in the database stay what they are: a till that reports again after an upgrade is known by them."""

from __future__ import annotations

from typing import Any

import pytest

from app.foundation.database.idempotency import fingerprint
from app.foundation.http.batches import BatchOf, canonical
from app.foundation.http.validation import load
from app.foundation.tenancy import system_principal
from app.transactions.plain_bodies import accept
from app.transactions.refunds.rules import print_of_refund
from app.transactions.reports import SaleReport
from app.transactions.sales.sale import Sale, print_of_body, print_of_member
from app.transactions.schemas import REFUND, SALE

HEX = "0193f0a1b2c37d4e8f90a1b2c3d4e5f6"
DISTRICT, STORE, MEMBER, SALE_ID = (f"{kind}_{HEX}" for kind in ("dis", "str", "mem", "txn"))
WHOLE: dict[str, Any] = {
    "reference": "A101-20260101-0001",
    "store_id": STORE,
    "member_id": MEMBER,
    "amount": 12800,
    "eligible_amount": 12000,
    "currency": "CNY",
    "points_to_spend": 300,
    "occurred_at": "2026-01-01T20:15:00.25+08:00",
    "channel": "till",
    "payment_method": "wechat",
    "payment_reference": "4200001234567890",
    "items": [{"sku": "1", "name": "龙井", "category": "tea", "quantity": 2, "amount": 12800}, {"amount": 0}],
    "metadata": {"b": "2", "a": "1"},
}
LEAST: dict[str, Any] = {"reference": "A101-1", "amount": 0}
REFUND_BY_ID: dict[str, Any] = {
    "transaction_id": SALE_ID,
    "reference": "R1",
    "amount": 6000,
    "eligible_amount": 5000,
    "occurred_at": "2026-01-02T09:00:00+08:00",
    "reason": "尺码不合",
}
REFUND_BY_REFERENCE = {"transaction_reference": "A101-1", "merchant_id": f"mer_{HEX}", "reference": "R2", "amount": 1}


@pytest.mark.parametrize("ways", [accept, lambda body: load(SALE, body)], ids=["quickly", "by the schema"])
@pytest.mark.parametrize(
    ("body", "of_body", "of_key", "of_request"),
    [
        (
            WHOLE,
            "2bc7f2cd4d0b98593ca2a40bd238fb1b",
            "b029421a8b8a524182e5bfe49c6e0c6c",
            "3f09591926866311d1673f4f938e39f6",
        ),
        (
            LEAST,
            "a476d81d1acc26ae19f4f29a6be038f6",
            "e9075af02d6671c903e99e2c6f4d353c",
            "7b66471376dc8a4371b6d16b1c5b0c05",
        ),
    ],
    ids=["whole", "least"],
)
def test_a_sale(ways: Any, body: dict[str, Any], of_body: str, of_key: str, of_request: str) -> None:
    report: SaleReport = ways(body)
    print_ = print_of_body(report, STORE)
    assert print_.hex() == of_body
    assert Sale(system_principal(DISTRICT), report, body_print=print_).key_print.hex() == of_key
    assert fingerprint("POST", "/v1/transactions/quote", report).hex() == of_request


@pytest.mark.parametrize(
    ("body", "of_body", "of_request"),
    [
        (REFUND_BY_ID, "ac36b3f7a5d65d0ae8178255d613a65f", "8a78cad9b43a23390181492bed3412fa"),
        (REFUND_BY_REFERENCE, "14197b6a7ab7e59ae7c245536e7c3b4b", "66e55086e6fc86954256703a733aedd2"),
    ],
    ids=["by id", "by reference"],
)
def test_a_refund(body: dict[str, Any], of_body: str, of_request: str) -> None:
    report = load(REFUND, body)
    assert print_of_refund(report, SALE_ID).hex() == of_body
    assert fingerprint("POST", "/v1/refunds", report).hex() == of_request


def test_a_batch() -> None:
    sales = BatchOf("transactions", SALE, accept).items({"transactions": [WHOLE, LEAST, {"amount": -1}]})
    refunds = BatchOf("refunds", REFUND).items({"refunds": [REFUND_BY_ID, REFUND_BY_REFERENCE, {"amount": 0}]})
    prints = {"transactions": "087b302ee9464901bc79330b48d5b086", "refunds": "78133bf26dbe5c79bf15b60c212dcedb"}
    for name, items in (("transactions", sales), ("refunds", refunds)):
        assert fingerprint("POST", f"/v1/{name}/batch", canonical(items)).hex() == prints[name]


@pytest.mark.parametrize(
    ("kind", "named", "print_"),
    [
        ("member_id", MEMBER, "5b8bce0d6de8d17b719ac0cfee90f82a"),
        ("member_code", "880000012345123456", "6c9f5d4aaa08e53d32cc0ef51e6495df"),
        ("presence_token", "pt_x", "e2ae04f634409134825a5206aa4199b8"),
    ],
)
def test_a_buyer(kind: str, named: str, print_: str) -> None:
    assert print_of_member(kind, named.encode()).hex() == print_
