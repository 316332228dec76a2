from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from merchant_sdk._calls.refund_bodies import RefundBody, body_of

AT = datetime(2026, 1, 2, 20, 15, tzinfo=timezone(timedelta(hours=8)))


def test_a_refund_as_json() -> None:
    refund: RefundBody = {
        "reference": "R-1",
        "transaction_reference": "A-1",
        "transaction_id": None,
        "amount": 6000,
        "occurred_at": AT,
        "reason": "尺码不合适",
    }
    assert body_of(refund) == {
        "reference": "R-1",
        "transaction_reference": "A-1",
        "amount": 6000,
        "occurred_at": "2026-01-02T12:15:00Z",
        "reason": "尺码不合适",
    }


@pytest.mark.parametrize("amount", [1.0, True, "128", Decimal(128)])
@pytest.mark.parametrize("name", ["amount", "eligible_amount"])
def test_amounts_are_ints(name: str, amount: object) -> None:
    with pytest.raises(TypeError):
        body_of({"reference": "R-1", "amount": 1, name: amount})


def test_instants_are_aware() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        body_of({"reference": "R-1", "amount": 1, "occurred_at": AT.replace(tzinfo=None)})
