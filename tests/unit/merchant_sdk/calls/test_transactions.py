from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from merchant_sdk import Client, Quote, Summary, Transaction
from merchant_sdk._http.errors import Conflict, SpendLocked, ValidationError

SaleRow = Callable[..., dict[str, Any]]
AT = datetime(2026, 1, 1, 12, 15, tzinfo=UTC)


def test_report(server: Any, client: Client, sale_row: SaleRow) -> None:
    server.will(httpx.Response(201, json=sale_row()))
    sale = client.transactions.report(
        reference="A-1",
        amount=12800,
        member_id="mem_1",
        phone=None,
        occurred_at=AT,
        items=[{"sku": "s", "amount": 12800}],
        idempotency_key="mine",
    )
    assert type(sale) is Transaction
    assert server.addresses == ["POST /v1/transactions"]
    assert server.keys == ["mine"]
    assert server.bodies == [
        {
            "reference": "A-1",
            "amount": 12800,
            "member_id": "mem_1",
            "occurred_at": "2026-01-01T12:15:00Z",
            "items": [{"sku": "s", "amount": 12800}],
        }
    ]


def test_a_report_whose_answer_was_lost_is_the_same_call_again(server: Any, client: Client, sale_row: SaleRow) -> None:
    server.will(httpx.ReadTimeout("slow"), httpx.Response(201, json=sale_row()))
    assert client.transactions.report(reference="A-1", amount=12800).id == "txn_1"
    assert server.keys[0] == server.keys[1]
    assert server.bodies[0] == server.bodies[1]


def test_a_reference_of_another_sale(server: Any, client: Client, problem: Any) -> None:
    server.will(problem(409, "reference-conflict"))
    with pytest.raises(Conflict) as raised:
        client.transactions.report(reference="A-1", amount=1)
    assert raised.value.code == "reference-conflict"


def test_what_is_no_sale_is_not_sent(server: Any, client: Client) -> None:
    with pytest.raises(TypeError, match="in fen"):
        client.transactions.report(reference="A-1", amount=12.8)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no time zone"):
        client.transactions.quote(reference="A-1", amount=1, occurred_at=AT.replace(tzinfo=None))
    assert server.requests == []


def test_quote(server: Any, client: Client, sale_row: SaleRow) -> None:
    server.will(httpx.Response(200, json=sale_row(object="quote", id=None, recorded_at=None)))
    quote = client.transactions.quote(reference="A-1", amount=12800, store_code="A101-1")
    assert type(quote) is Quote
    assert quote.points_earned == 115
    assert server.addresses == ["POST /v1/transactions/quote"]
    assert server.bodies == [{"reference": "A-1", "amount": 12800, "store_code": "A101-1"}]


def test_get(server: Any, client: Client, sale_row: SaleRow) -> None:
    server.will(httpx.Response(200, json=sale_row()))
    assert client.transactions.get("txn_1").id == "txn_1"
    assert server.addresses == ["GET /v1/transactions/txn_1"]
    with pytest.raises(ValueError, match="is no id"):
        client.transactions.get("")


def test_list(server: Any, client: Client, sale_row: SaleRow) -> None:
    server.will(httpx.Response(200, json={"data": [sale_row()], "has_more": False}))
    [sale] = client.transactions.list(
        member_id="mem_1",
        merchant_id="mer_1",
        store_id="str_1",
        reference="A-1",
        occurred_from=AT,
        occurred_to="2026-01-02T00:00:00Z",
    )
    assert sale.id == "txn_1"
    assert dict(server.requests[0].url.params) == {
        "limit": "100",
        "member_id": "mem_1",
        "merchant_id": "mer_1",
        "store_id": "str_1",
        "reference": "A-1",
        "occurred_from": "2026-01-01T12:15:00Z",
        "occurred_to": "2026-01-02T00:00:00Z",
    }


def test_summary(server: Any, client: Client) -> None:
    server.will(*[httpx.Response(200, json={"on": "2026-01-01", "count": 3})] * 2)
    summary = client.transactions.summary(date(2026, 1, 1), store_id="str_1")
    assert (type(summary), summary.count) == (Summary, 3)
    client.transactions.summary("2026-01-01")
    assert server.addresses == [
        "GET /v1/transactions/summary?on=2026-01-01&store_id=str_1",
        "GET /v1/transactions/summary?on=2026-01-01",
    ]


def test_claim(server: Any, client: Client, sale_row: SaleRow) -> None:
    server.will(httpx.Response(200, json=sale_row(claimed_at="2026-01-02T00:00:00Z")))
    sale = client.transactions.claim("txn_1", "mem_1")
    assert sale.claimed_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert server.addresses == ["POST /v1/transactions/txn_1/claim"]
    assert server.bodies == [{"member_id": "mem_1"}]
    assert server.keys[0]


def test_points_to_spend(server: Any, client: Client, sale_row: SaleRow) -> None:
    server.will(
        httpx.Response(200, json=sale_row(object="quote", id=None, recorded_at=None)),
        httpx.Response(201, json=sale_row()),
    )
    sale = {"reference": "A-1", "amount": 12800, "member_id": "mem_1", "points_to_spend": 300}
    quote = client.transactions.quote(**sale)  # type: ignore[arg-type]
    done = client.transactions.report(**sale)  # type: ignore[arg-type]
    assert (quote.points_spent, quote.points_amount, quote.paid_amount) == (300, 300, 11500)
    assert (done.points_spent, done.points_amount, done.paid_amount) == (300, 300, 11500)
    assert server.bodies == [sale, sale]


def test_points_that_cannot_be_spent(server: Any, client: Client, problem: Any) -> None:
    flaw = {"pointer": "/points_to_spend", "code": "not-enough-points", "detail": "Too few."}
    server.will(problem(422, "validation-failed", errors=[flaw]), problem(409, "spend-locked"))
    with pytest.raises(ValidationError) as raised:
        client.transactions.report(reference="A-1", amount=1, member_id="mem_1", points_to_spend=9)
    assert [(flaw.pointer, flaw.code) for flaw in raised.value.errors] == [("/points_to_spend", "not-enough-points")]
    with pytest.raises(SpendLocked):
        client.transactions.report(reference="A-1", amount=1, member_id="mem_1", points_to_spend=9)


def test_claim_by_the_code_that_is_shown(server: Any, client: Client, sale_row: SaleRow) -> None:
    server.will(httpx.Response(200, json=sale_row()))
    client.transactions.claim("txn_1", member_code="880000012345492039")
    assert server.bodies == [{"member_code": "880000012345492039"}]


def test_the_sale_of_a_receipt(server: Any, client: Client, sale_row: SaleRow) -> None:
    server.will(httpx.Response(200, json=sale_row()))
    client.transactions.of_receipt("mfrggzdfmztwq2lknnwg23tpoa")
    assert server.addresses == ["POST /v1/receipts/resolve"]
    assert server.bodies == [{"secret": "mfrggzdfmztwq2lknnwg23tpoa"}]
