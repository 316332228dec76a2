"""From rules in JSON to rules that can be evaluated, and what keeps them from being published."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from app.foundation.figures.time_windows import TimeWindow
from app.points.earning.compile import compile_rule, compile_rule_set
from app.points.earning.conditions import ANY, Conditions
from app.points.earning.rules import Rule

MERCHANT, STORE = "mer_" + "1" * 32, "str_" + "1" * 32


def rule(key: str = "base", **changes: Any) -> dict[str, Any]:
    plain = {
        "key": key,
        "kind": "base",
        "name": "1 per yuan",
        "points": 1,
        "per_amount": 100,
        "priority": 0,
        "conditions": {},
        "funding": {"merchant": 100, "district": 0},
    }
    return plain | changes


def test_the_rule_of_a_new_district() -> None:
    compiled = compile_rule(rule())
    assert compiled == Rule("base", "1 per yuan", 1, 100, 0, ANY, 100)
    assert compiled.conditions == ANY


def test_every_field_is_carried_over() -> None:
    given = rule(
        "night",
        name="Night",
        points=3,
        per_amount=1000,
        priority=7,
        funding={"merchant": 30, "district": 70},
        conditions={
            "merchant_ids": [MERCHANT],
            "store_ids": [STORE],
            "categories": ["food", "food"],
            "channels": ["till"],
            "payment_methods": ["wechat", "alipay"],
            "weekdays": [5, 6, 7],
            "time_windows": [{"from": "22:00", "to": "02:00"}, {"from": "11:30", "to": "13:00"}],
            "date_from": "2026-01-01",
            "date_to": "2026-02-28",
            "min_amount": 0,
            "max_amount": 20000,
        },
    )
    assert compile_rule(given) == Rule(
        key="night",
        name="Night",
        points=3,
        per_amount=1000,
        priority=7,
        merchant_percent=30,
        conditions=Conditions(
            merchant_ids=frozenset({MERCHANT}),
            store_ids=frozenset({STORE}),
            categories=frozenset({"food"}),
            channels=frozenset({"till"}),
            payment_methods=frozenset({"wechat", "alipay"}),
            weekdays=frozenset({5, 6, 7}),
            time_windows=(TimeWindow(time(22), time(2)), TimeWindow(time(11, 30), time(13))),
            date_from=date(2026, 1, 1),
            date_to=date(2026, 2, 28),
            min_amount=0,
            max_amount=20000,
        ),
    )


@pytest.mark.parametrize(
    "conditions",
    [
        {"merchant_ids": [], "weekdays": [], "time_windows": []},
        {"date_from": None, "min_amount": None},
        {"categories": None},
    ],
    ids=str,
)
def test_empty_means_any(conditions: dict[str, Any]) -> None:
    assert compile_rule(rule(conditions=conditions)).conditions == ANY


def test_a_least_amount_of_nothing_is_kept_apart_from_none() -> None:
    assert compile_rule(rule(conditions={"min_amount": 0})).conditions.min_amount == 0


def test_a_version_keeps_the_order_of_its_rules() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    compiled = compile_rule_set(3, start, [rule("b"), rule("a"), rule("c")])
    assert (compiled.version, compiled.effective_at) == (3, start)
    assert [one.key for one in compiled.rules] == ["b", "a", "c"]
