"""What is different between two sets of rules is said in words."""

from __future__ import annotations

from typing import Any

import pytest
from flask_babel import force_locale

from app.console.programme.changes import Change, Difference, changes_of, is_reordered
from app.console.programme.sentences import Names

pytestmark = pytest.mark.usefixtures("context")
NAMES = Names({f"mer_{place}": f"商户{place}" for place in range(6)}, {}, {})
BASE = {
    "key": "base",
    "kind": "base",
    "name": "基础",
    "points": 1,
    "per_amount": 100,
    "priority": 0,
    "conditions": {},
    "funding": {"merchant": 100, "district": 0},
}


def night(**changes: Any) -> dict[str, Any]:
    conditions = {"weekdays": [5, 6, 7], "date_from": "2026-12-01"}
    rule = {"key": "night", "kind": "multiplier", "name": "夜市", "factor": "2", "conditions": conditions}
    return {**rule, "funding": {"merchant": 0, "district": 100}, **changes}


def changes(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[Change]:
    with force_locale("zh"):
        return changes_of(before, after, NAMES)


def test_what_is_the_same_is_not_named() -> None:
    assert changes([BASE, night()], [night(), BASE]) == []
    assert is_reordered([BASE, night()], [night(), BASE])
    assert not is_reordered([BASE, night()], [BASE, night(key="late")])


def test_a_rule_is_added_and_another_removed() -> None:
    [added, removed] = changes([night()], [BASE])
    assert added == Change("added", "基础", (Difference("", "实付每满 ¥1 得 1 分，由商户出资。"),))
    assert (removed.kind, removed.name, removed.differences[0].after) == ("removed", "夜市", "")


def test_what_a_rule_says_otherwise_is_said_phrase_by_phrase() -> None:
    ended = {"weekdays": [6, 7], "date_from": "2026-12-01", "date_to": "2026-12-31"}
    [change] = changes([night()], [night(name="冬夜", factor="3", conditions=ended, caps={"per_transaction": 500})])
    assert change == Change(
        "changed",
        "冬夜",
        (
            Difference("夜市", "冬夜"),
            Difference("2026年12月1日起", "2026年12月1日至2026年12月31日"),
            Difference("逢周五–周日", "逢周六–周日"),
            Difference("积分 2 倍", "积分 3 倍"),
            Difference("", "每笔最多 500 分"),
        ),
    )


def test_of_many_merchants_all_are_named_where_some_are_others() -> None:
    before, after = ({"merchant_ids": [f"mer_{place}" for place in places]} for places in ((0, 1, 2, 3), (0, 1, 2, 4)))
    [change] = changes([night(conditions=before)], [night(conditions=after)])
    assert change.differences == (Difference("在商户0、商户1、商户2、商户3", "在商户0、商户1、商户2、商户4"),)


def test_a_rule_of_another_kind_is_said_whole() -> None:
    bonus = {**night(kind="bonus", points=50), "conditions": {"min_amount": 20_000}}
    del bonus["factor"]
    [change] = changes([night()], [bonus])
    assert [difference.after for difference in change.differences] == ["满 ¥200，再奖 50 分，由商圈出资。"]
