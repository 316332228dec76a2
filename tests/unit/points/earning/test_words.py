"""Explanations: every rule considered, in words for every code."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.foundation.figures.time_windows import TimeWindow
from app.foundation.i18n import register_languages
from app.points.earning.conditions import Allowance, Conditions, SaleFacts
from app.points.earning.evaluate import evaluate
from app.points.earning.outcomes import Outcome, Outcomes, outcomes_of
from app.points.earning.rule_sets import RuleSet
from app.points.earning.rules import Rule
from app.points.earning.words import CODES, Explainer

ZONE = ZoneInfo("Asia/Shanghai")
BASE = Rule("base", "1 per yuan", 1, 100)
OTHER = frozenset({"another"})
NIGHT = TimeWindow(time(22), time(2))


def sale(eligible_amount: int) -> SaleFacts:
    thursday = datetime(2026, 1, 1, 12, tzinfo=ZONE)
    return SaleFacts(eligible_amount, thursday, "mer_1", "str_1", "food", "till", "wechat")


SALE = sale(1280)
CASES: dict[str, tuple[Conditions, SaleFacts]] = {
    "nothing-eligible": (Conditions(), sale(0)),
    "awards-paused": (Conditions(), SALE._replace(is_paused=True)),
    "amount-too-small": (Conditions(), sale(99)),
    "other-merchant": (Conditions(merchant_ids=OTHER), SALE),
    "other-store": (Conditions(store_ids=OTHER), SALE),
    "other-category": (Conditions(categories=OTHER), SALE),
    "other-channel": (Conditions(channels=OTHER), SALE),
    "other-payment-method": (Conditions(payment_methods=OTHER), SALE),
    "other-tier": (Conditions(tier_ids=OTHER), SALE),
    "other-tag": (Conditions(tags=OTHER), SALE),
    "not-first-in-district": (Conditions(first_in_district=True), SALE),
    "first-in-district": (Conditions(first_in_district=False), SALE._replace(first_in_district=True)),
    "not-first-at-merchant": (Conditions(first_at_merchant=True), SALE),
    "first-at-merchant": (Conditions(first_at_merchant=False), SALE._replace(first_at_merchant=True)),
    "not-birthday": (Conditions(birthday="day"), SALE),
    "daily-cap-reached": (Conditions(), SALE._replace(allowances={"base": Allowance(0, "daily-cap-reached")})),
    "member-cap-reached": (Conditions(), SALE._replace(allowances={"base": Allowance(0, "member-cap-reached")})),
    "budget-spent": (Conditions(), SALE._replace(allowances={"base": Allowance(0, "budget-spent")})),
    "below-min-amount": (Conditions(min_amount=1281), SALE),
    "above-max-amount": (Conditions(max_amount=1279), SALE),
    "outside-time-windows": (Conditions(time_windows=(NIGHT,)), SALE),
    "outside-weekdays": (Conditions(weekdays=frozenset({5})), SALE),
    "outside-dates": (Conditions(date_from=date(2026, 1, 2)), SALE),
}


@pytest.fixture(autouse=True)
def _babel() -> Any:
    app = Flask("words", static_folder=None)
    register_languages(app)
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.mark.parametrize("code", CASES)
def test_a_rule_that_was_skipped_says_why(code: str) -> None:
    conditions, facts = CASES[code]
    rule = replace(BASE, conditions=conditions)
    evaluation = evaluate(RuleSet(1, None, (rule,)), facts, ZONE, "floor")
    [line] = Explainer([rule])(evaluation.outcomes)
    assert (line["outcome"], line["points"], line["code"]) == ("skipped", 0, code)
    assert line["why"].endswith(".")


def test_a_rule_that_gave_way_says_so() -> None:
    rules = (BASE, replace(BASE, key="double", name="2 per yuan", points=2, priority=1))
    evaluation = evaluate(RuleSet(1, None, rules), SALE, ZONE, "floor")
    assert Explainer(rules)(evaluation.outcomes) == [
        {
            "rule_key": "base",
            "name": "1 per yuan",
            "outcome": "skipped",
            "points": 0,
            "code": "lower-priority",
            "why": "Another base rule comes first.",
        },
        {"rule_key": "double", "name": "2 per yuan", "outcome": "applied", "points": 25},
    ]


def test_there_are_words_for_every_code_and_a_case_for_all_words() -> None:
    assert set(CASES) | {"lower-priority", "smaller-factor", "no-base-points", "not-told"} == CODES


def test_ninety_nine_fen_are_explained() -> None:
    [line] = Explainer([BASE])(outcomes_of([Outcome("base", 0, "amount-too-small")]))
    assert line["why"] == "The amount is too small for a whole point."


def test_a_rule_without_a_name_goes_by_its_key() -> None:
    [line] = Explainer([BASE])(outcomes_of([Outcome("gone", 3)]))
    assert line == {"rule_key": "gone", "name": "gone", "outcome": "applied", "points": 3}


def test_nothing_considered_is_nothing_explained() -> None:
    assert Explainer([BASE])(Outcomes()) == []
