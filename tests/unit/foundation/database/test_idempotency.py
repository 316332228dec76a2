"""When two requests are one: their fingerprints."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.database.idempotency import KEEP, MAX_KEY_LENGTH, fingerprint

BODY: dict[str, Any] = {
    "amount": 12800,
    "name": "街",
    "day": date(2026, 1, 1),
    "at": datetime(2026, 1, 1, 12, tzinfo=UTC),
    "value": Decimal("0.5"),
    "metadata": {"a": "1", "b": "2"},
    "items": [1, 2],
    "note": None,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcdef"), inner, max_size=4),
    max_leaves=10,
)


def of(body: Any, method: str = "POST", path: str = "/v1/members") -> bytes:
    return fingerprint(method, path, body)


def test_the_contract_s_bounds() -> None:
    assert timedelta(hours=24) <= KEEP
    assert MAX_KEY_LENGTH == 255


def test_sixteen_bytes() -> None:
    assert len(of(BODY)) == 16


def test_the_order_of_fields_does_not_matter() -> None:
    turned = {name: BODY[name] for name in reversed(BODY)}
    turned["metadata"] = {"b": "2", "a": "1"}
    assert of(turned) == of(BODY)


def test_one_instant_in_two_zones_is_one() -> None:
    china = datetime(2026, 1, 1, 20, tzinfo=timezone(timedelta(hours=8)))
    utc = BODY | {"at": china.astimezone(UTC)}
    assert of(utc) == of(BODY)


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 12801},
        {"amount": "12800"},
        {"amount": True},
        {"name": "街 "},
        {"day": date(2026, 1, 2)},
        {"at": datetime(2026, 1, 1, 12, 0, 1, tzinfo=UTC)},
        {"value": Decimal("0.6")},
        {"metadata": {"a": "2", "b": "1"}},
        {"items": [2, 1]},
        {"note": ""},
    ],
    ids=str,
)
def test_another_body_is_another_request(change: dict[str, Any]) -> None:
    assert of(BODY | change) != of(BODY)


def test_another_route_is_another_request() -> None:
    prints = {of(BODY), of(BODY, method="PATCH"), of(BODY, path="/v1/members/"), of(None), of({})}
    assert len(prints) == 5


@given(JSON, JSON)
def test_equal_bodies_and_no_others_are_alike(one: Any, other: Any) -> None:
    assert (of(one) == of(other)) == (_typed(one) == _typed(other))


def _typed(value: Any) -> Any:
    """A value in which `1` and `True` differ, as they do in JSON."""
    if isinstance(value, dict):
        return {name: _typed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_typed(inner) for inner in value]
    return type(value), value
