from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from merchant_sdk import BatchResult, Quote, Summary, Transaction, UnexpectedAnswer
from merchant_sdk._http.errors import Conflict

SaleRow = Callable[..., dict[str, Any]]


def test_a_transaction(sale_row: SaleRow) -> None:
    sale = Transaction.read(sale_row(claim_url="https://quantong.test/s/h/claim/secret", news=1))
    assert (sale.id, sale.reference, sale.amount, sale.paid_amount) == ("txn_1", "A-1", 12800, 11500)
    assert (sale.points_earned, sale.status, sale.rule_set_version) == (115, "recorded", 3)
    assert sale.balance is not None
    assert (sale.balance.available, sale.balance.pending, sale.balance.owed) == (815, 115, 0)
    assert [(rule.rule_key, rule.outcome, rule.points, rule.code) for rule in sale.explanation] == [
        ("base", "applied", 115, None),
        ("night", "skipped", 0, "outside-weekdays"),
    ]
    assert sale.coupons[0].discount_amount == 1000
    assert (sale.items[0].sku, sale.items[0].quantity) == ("s", 2)
    assert sale.metadata == {"till": "3"}
    assert sale.occurred_at == datetime(2026, 1, 1, 12, 15, tzinfo=UTC)
    assert sale.recorded_at.microsecond == 123456
    assert sale.expires_at == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert (sale.available_at, sale.claimed_at) == (None, None)
    assert sale.raw["news"] == 1
    assert hash(sale)


def test_the_secret_of_a_claim_is_not_in_repr(sale_row: SaleRow) -> None:
    sale = Transaction.read(sale_row(claim_url="https://quantong.test/s/h/claim/secret"))
    assert sale.claim_url == "https://quantong.test/s/h/claim/secret"
    assert "claim/secret" not in repr(sale)


@pytest.mark.parametrize("name", ["id", "reference", "amount", "occurred_at", "recorded_at"])
def test_a_transaction_that_lacks_its_heart(sale_row: SaleRow, name: str) -> None:
    row = sale_row()
    del row[name]
    with pytest.raises(UnexpectedAnswer, match=name):
        Transaction.read(row)


def test_a_quote_has_no_id(sale_row: SaleRow) -> None:
    row = sale_row(object="quote", status="quoted", balance=None)
    del row["id"], row["recorded_at"]
    quote = Quote.read(row)
    assert (quote.points_earned, quote.balance) == (115, None)
    assert not hasattr(quote, "id")


def test_a_summary() -> None:
    summary = Summary.read({"on": "2026-01-01", "store_id": None, "count": 3, "member_count": 2, "amount": 900})
    assert (summary.on, summary.count, summary.member_count, summary.amount) == (date(2026, 1, 1), 3, 2, 900)


def test_a_batch_result_knows_its_error(sale_row: SaleRow) -> None:
    recorded = BatchResult(0, "A-1", 201, transaction=Transaction.read(sale_row()))
    refused = BatchResult(1, "A-2", 409, problem={"code": "reference-conflict"})
    assert recorded.error is None
    assert isinstance(refused.error, Conflict)
    assert refused.error.code == "reference-conflict"
    assert len({recorded, refused}) == 2
