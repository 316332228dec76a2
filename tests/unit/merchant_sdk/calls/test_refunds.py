from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from merchant_sdk import Client, Refund, UnexpectedAnswer, ValidationError
from merchant_sdk._http.errors import ReferenceConflict, SaleNotRecordedYet

RefundRow = Callable[..., dict[str, Any]]
AT = datetime(2026, 1, 2, 12, 15, tzinfo=UTC)


def test_refund(server: Any, client: Client, refund_row: RefundRow) -> None:
    server.will(httpx.Response(201, json=refund_row()))
    refund = client.transactions.refund(
        reference="R-1", transaction_reference="A-1", amount=6000, occurred_at=AT, reason=None, idempotency_key="mine"
    )
    assert type(refund) is Refund
    assert server.addresses == ["POST /v1/refunds"]
    assert server.keys == ["mine"]
    assert server.bodies == [
        {"reference": "R-1", "transaction_reference": "A-1", "amount": 6000, "occurred_at": "2026-01-02T12:15:00Z"}
    ]


def test_a_refund_whose_answer_was_lost_is_the_same_call_again(
    server: Any, client: Client, refund_row: RefundRow
) -> None:
    server.will(httpx.ReadTimeout("slow"), httpx.Response(201, json=refund_row()))
    assert client.transactions.refund(reference="R-1", transaction_id="txn_1", amount=6000).id == "rfd_1"
    assert server.keys[0] == server.keys[1]
    assert server.bodies[0] == server.bodies[1]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "sale-not-recorded-yet", SaleNotRecordedYet),
        (409, "refund-reference-conflict", ReferenceConflict),
        (422, "validation-failed", ValidationError),
    ],
)
def test_refused_refunds(
    server: Any, client: Client, problem: Any, status: int, code: str, kind: type[Exception]
) -> None:
    server.will(problem(status, code))
    with pytest.raises(kind):
        client.transactions.refund(reference="R-1", transaction_reference="A-1", amount=1)
    assert len(server.requests) == 1


def test_what_is_no_refund_is_not_sent(server: Any, client: Client) -> None:
    with pytest.raises(TypeError, match="in fen"):
        client.transactions.refund(reference="R-1", transaction_id="txn_1", amount=12.8)  # type: ignore[arg-type]
    assert server.requests == []


def test_refund_batch(server: Any, client: Client, refund_row: RefundRow) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        results: list[dict[str, Any]] = []
        for index, row in enumerate(json.loads(request.content)["refunds"]):
            if row["reference"] == "R-3":
                results.append({"index": index, "status": 404, "problem": {"code": "sale-not-recorded-yet"}})
            else:
                results.append({"index": index, "status": 201, "refund": refund_row(reference=row["reference"])})
        return httpx.Response(200, json={"object": "batch", "results": results})

    server.will(answer, answer, answer)
    told: list[int] = []
    rows = ({"reference": f"R-{number}", "transaction_reference": "A-1", "amount": 1} for number in range(5))
    results = list(client.transactions.refund_batch(rows, batch_size=2, workers=1, on_progress=told.append))
    assert server.addresses == ["POST /v1/refunds/batch"] * 3
    assert len(set(server.keys)) == 3
    assert [(one.index, one.reference, one.status) for one in results] == [
        (number, f"R-{number}", 404 if number == 3 else 201) for number in range(5)
    ]
    assert isinstance(results[3].error, SaleNotRecordedYet)
    assert results[4].refund is not None
    assert told == [2, 4, 5]


def test_a_batch_answered_with_other_things(server: Any, client: Client, sale_row: RefundRow) -> None:
    row = {"index": 0, "status": 201, "transaction": sale_row()}
    server.will(httpx.Response(200, json={"results": [row]}))
    with pytest.raises(UnexpectedAnswer, match="neither refund nor problem"):
        list(client.transactions.refund_batch([{"reference": "R-1", "transaction_id": "txn_1", "amount": 1}]))


def test_get(server: Any, client: Client, refund_row: RefundRow) -> None:
    server.will(httpx.Response(200, json=refund_row()))
    assert client.refunds.get("rfd_1").id == "rfd_1"
    assert server.addresses == ["GET /v1/refunds/rfd_1"]


def test_list(server: Any, client: Client, refund_row: RefundRow) -> None:
    server.will(
        httpx.Response(200, json={"data": [refund_row(id="rfd_2")], "has_more": True}),
        httpx.Response(200, json={"data": [refund_row()], "has_more": False}),
    )
    refunds = client.refunds.list(transaction_id="txn_1", merchant_id="mer_1", reference="R-1")
    assert [refund.id for refund in refunds] == ["rfd_2", "rfd_1"]
    filters = {"limit": "100", "transaction_id": "txn_1", "merchant_id": "mer_1", "reference": "R-1"}
    assert [dict(request.url.params) for request in server.requests] == [
        filters,
        {**filters, "starting_after": "rfd_2"},
    ]
