from __future__ import annotations

from collections import UserDict
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from merchant_sdk._http import wire

NAIVE = datetime(2026, 1, 1, 8, 0)
SHANGHAI = timezone(timedelta(hours=8))


def test_values_become_json() -> None:
    value = {
        "at": datetime(2026, 1, 1, 8, 0, 0, 500, tzinfo=SHANGHAI),
        "on": date(2026, 1, 1),
        "rows": ({"n": 1}, UserDict(flag=True)),
        "none": None,
    }
    assert wire.encode(value) == {
        "at": "2026-01-01T00:00:00.000500Z",
        "on": "2026-01-01",
        "rows": [{"n": 1}, {"flag": True}],
        "none": None,
    }


@pytest.mark.parametrize("value", [1.5, float("nan"), Decimal("1"), b"x", object(), {1: 2}, [{"deep": 0.1}]])
def test_what_is_no_json_of_ours(value: object) -> None:
    with pytest.raises(TypeError):
        wire.encode(value)


def test_naive_datetimes_are_refused() -> None:
    for send in (wire.format_instant, wire.encode):
        with pytest.raises(ValueError, match="2026-01-01T08:00:00 has no time zone"):
            send(NAIVE)
    with pytest.raises(ValueError, match="no time zone"):
        wire.encode_query({"from": NAIVE})


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01T08:00:00+08:00",
        "2026-01-01T00:00:00.000000Z",
        "2026-01-01T00:00:00.000000999Z",
    ],
)
def test_instants_are_read_in_utc(text: str) -> None:
    instant = wire.parse_instant(text)
    assert instant == datetime(2026, 1, 1, tzinfo=UTC)
    assert instant.tzinfo is UTC


@pytest.mark.parametrize("text", ["2026-01-01T00:00:00", "yesterday", ""])
def test_texts_that_are_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match=r"offset|isoformat"):
        wire.parse_instant(text)


def test_days() -> None:
    assert wire.day(date(2026, 1, 1)) == wire.day("2026-01-01") == "2026-01-01"
    with pytest.raises(TypeError, match="not a datetime"):
        wire.day(datetime(2026, 1, 1, tzinfo=UTC))


def test_ids_keep_their_place_in_a_path() -> None:
    assert wire.path("members", "mem_1", "points") == "/v1/members/mem_1/points"
    assert wire.path("members", "a/../b?c#d") == "/v1/members/a%2F..%2Fb%3Fc%23d"
    for bad in ("", ".", ".."):
        with pytest.raises(ValueError, match="is no id"):
            wire.path("members", bad)


def test_given_and_changed_differ_on_none() -> None:
    assert wire.given(a=1, b=None, c=False) == {"a": 1, "c": False}
    assert wire.changed(a=1, b=None, c=wire.UNSET) == {"a": 1, "b": None}
    assert repr(wire.UNSET) == "UNSET"
