from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from merchant_sdk import Refund, RefundResult, UnexpectedAnswer
from merchant_sdk._http.errors import ReferenceConflict

RefundRow = Callable[..., dict[str, Any]]


def test_a_refund(refund_row: RefundRow) -> None:
    refund = Refund.read(refund_row(news=1))
    assert (refund.id, refund.transaction_id, refund.reference, refund.amount) == ("rfd_1", "txn_1", "R-1", 6000)
    assert (refund.money_amount, refund.discount_reversed) == (5500, 500)
    assert (refund.points_reversed, refund.points_owed, refund.points_forgiven) == (110, 60, 0)
    assert (refund.points_restored, refund.eligible_amount, refund.reason) == (140, None, "wrong size")
    assert refund.balance is not None
    assert (refund.balance.available, refund.balance.owed) == (0, 60)
    assert refund.occurred_at == datetime(2026, 1, 2, 12, 15, tzinfo=UTC)
    assert refund.recorded_at.microsecond == 123456
    assert refund.raw["news"] == 1
    assert hash(refund)


def test_a_refund_of_nobody_s_sale_has_no_balance(refund_row: RefundRow) -> None:
    refund = Refund.read(refund_row(member_id=None, balance=None))
    assert (refund.member_id, refund.balance) == (None, None)


@pytest.mark.parametrize("name", ["id", "transaction_id", "reference", "amount", "occurred_at", "recorded_at"])
def test_a_refund_that_lacks_its_heart(refund_row: RefundRow, name: str) -> None:
    row = refund_row()
    del row[name]
    with pytest.raises(UnexpectedAnswer, match=name):
        Refund.read(row)


def test_a_result_knows_its_error(refund_row: RefundRow) -> None:
    recorded = RefundResult(0, "R-1", 201, refund=Refund.read(refund_row()))
    refused = RefundResult(1, "R-2", 409, problem={"code": "refund-reference-conflict"})
    assert recorded.error is None
    assert isinstance(refused.error, ReferenceConflict)
    assert len({recorded, refused}) == 2
