from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from merchant_sdk._calls.sales import Sale, body_of

AT = datetime(2026, 1, 1, 20, 15, tzinfo=timezone(timedelta(hours=8)))


def test_a_sale_as_json() -> None:
    sale: Sale = {
        "reference": "A-1",
        "amount": 12800,
        "store_id": None,
        "occurred_at": AT,
        "items": [{"sku": "s", "amount": 12800}],
        "metadata": {"till": "3"},
    }
    assert body_of(sale) == {
        "reference": "A-1",
        "amount": 12800,
        "occurred_at": "2026-01-01T12:15:00Z",
        "items": [{"sku": "s", "amount": 12800}],
        "metadata": {"till": "3"},
    }


def test_the_given_mapping_is_left_alone() -> None:
    sale: dict[str, object] = {"reference": "A-1", "amount": 1, "occurred_at": AT}
    body_of(sale)
    assert sale == {"reference": "A-1", "amount": 1, "occurred_at": AT}


@pytest.mark.parametrize("amount", [1.0, True, "128", Decimal(128)])
@pytest.mark.parametrize("name", ["amount", "eligible_amount", "points_to_spend"])
def test_amounts_are_ints(name: str, amount: object) -> None:
    with pytest.raises(TypeError):
        body_of({"reference": "A-1", "amount": 1, name: amount})


def test_amounts_of_items_are_no_floats() -> None:
    with pytest.raises(TypeError):
        body_of({"reference": "A-1", "amount": 1, "items": [{"amount": 1.5}]})


def test_instants_are_aware() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        body_of({"reference": "A-1", "amount": 1, "occurred_at": AT.replace(tzinfo=None)})
