"""A rule becomes sentences and a form, and comes back from the form as it was."""

from __future__ import annotations

from typing import Any

import pytest
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema
from werkzeug.datastructures import MultiDict

from app.console.programme.controls import ALSO, CONTROLS, FOLLOWS, OF_KIND, present, rule_of, texts_of
from app.console.programme.sentences import Names, sentence, sentences_of
from app.foundation.figures.money import MAX_AMOUNT
from app.foundation.http.fields import ListOf, Object
from app.foundation.problems import ValidationFailed
from app.points.schemas import RuleBody

pytestmark = pytest.mark.usefixtures("context")
MERCHANTS = {f"mer_{place:032x}": f"商户{place}" for place in range(5)}
STORES = {f"str_{place:032x}": f"门店{place}" for place in range(5)}
TIERS = {f"tir_{place:032x}": f"等级{place}" for place in range(3)}
NAMES = Names(MERCHANTS, STORES, TIERS)
_visible = st.text("abc 餐饮-,;，'\"<&%()", min_size=1, max_size=40).map(str.strip).filter(bool)
_listed = st.text("ab 餐,;，、'\"<&%", min_size=1, max_size=40).filter(str.strip)
_clock = st.times().map(lambda one: one.strftime("%H:%M"))
_window = st.tuples(_clock, _clock).filter(lambda ends: ends[0] != ends[1])
_capped = st.integers(1, MAX_AMOUNT)


def some_of(values: Any) -> Any:
    return st.lists(st.sampled_from(list(values)), min_size=1, unique=True)


def pair(low: str, high: str, values: Any) -> Any:
    """Neither, one, or both of two ends in their order."""
    both = st.tuples(values, values).map(sorted).map(lambda ends: {low: ends[0], high: ends[1]})
    return st.one_of(st.just({}), values.map(lambda one: {low: one}), values.map(lambda one: {high: one}), both)


_conditions = st.builds(
    lambda some, dates, amounts: {**some, **dates, **amounts},
    st.fixed_dictionaries(
        {},
        optional={
            "merchant_ids": some_of(MERCHANTS),
            "store_ids": some_of(STORES),
            "tier_ids": some_of(TIERS),
            **dict.fromkeys(
                ("categories", "channels", "payment_methods", "tags"), st.lists(_listed, min_size=1, max_size=4)
            ),
            "first_in_district": st.booleans(),
            "first_at_merchant": st.booleans(),
            "birthday": st.sampled_from(["day", "month"]),
            "weekdays": some_of(range(1, 8)),
            "time_windows": st.lists(
                _window.map(lambda ends: {"from": ends[0], "to": ends[1]}), min_size=1, max_size=3
            ),
        },
    ),
    pair("date_from", "date_to", st.dates().map(lambda one: one.isoformat())),
    pair("min_amount", "max_amount", st.integers(0, MAX_AMOUNT)),
)
_of_kind = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.just("base"),
            "points": st.integers(1, 1_000_000),
            "per_amount": _capped,
            "priority": st.integers(0, 1_000_000),
        }
    ),
    st.fixed_dictionaries(
        {"kind": st.just("multiplier"), "factor": st.sampled_from(["1.5", "2", "100", "1.0001"])},
        optional={"exclusive_group": _visible},
    ),
    st.fixed_dictionaries({"kind": st.just("bonus"), "points": st.integers(1, 1_000_000)}),
)
_caps = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("per_transaction", "per_member_per_day", "per_member_total", "budget"), _capped)
)
RULES = st.builds(
    lambda of_kind, key, name, conditions, caps, merchant: {
        **of_kind,
        "key": key,
        "name": name,
        "conditions": conditions,
        "funding": {"merchant": merchant, "district": 100 - merchant},
        **({"caps": caps} if caps else {}),
    },
    _of_kind,
    _visible,
    _visible,
    _conditions,
    _caps,
    st.integers(0, 100),
)


@given(RULES)
def test_any_rule_comes_back_from_its_form(rule: dict[str, Any]) -> None:
    assert RuleBody().load(rule) == rule, "the examples are valid, and as the API keeps them"
    assert rule_of(texts_of(rule)) == rule


@given(RULES)
def test_its_sentences_say_each_of_its_fields_in_both_languages(rule: dict[str, Any]) -> None:
    texts = texts_of(rule)
    sentences = sentences_of(rule["kind"], present(texts))
    said = {field for phrase in sentences.phrases for field in phrase.fields}
    assert said == present(texts) - {"key", "kind", "name"}
    for language in ("zh", "en"):
        with force_locale(language):
            text = sentence(sentences.main, rule, NAMES)
            assert "%(" not in text
            assert text.endswith("。" if language == "zh" else ".")


def _leaves(schema: Schema, at: str = "") -> set[str]:
    found = set()
    for name, one in schema.fields.items():
        inner = one.schema if isinstance(one, Object) else None
        is_windows = isinstance(one, ListOf) and isinstance(one.inner, Object)
        found |= _leaves(inner, f"{at}{name}.") if inner is not None and not is_windows else {at + name}
    return found


def test_every_field_of_a_rule_has_a_control_and_none_has_another() -> None:
    assert _leaves(RuleBody()) == CONTROLS.keys() | FOLLOWS.keys()
    assert {name for names in OF_KIND.values() for name in names} <= CONTROLS.keys()


def test_what_is_typed_is_read_as_people_type_it() -> None:
    texts = MultiDict(
        {
            "key": "evening",
            "kind": "bonus",
            "name": "夜市",
            "points": "1,000",
            "conditions.min_amount": "￥12。5",
            "funding.merchant": "30",
            f"{ALSO}conditions.tags": "vip，新会员、vip",
            "place": "3",
        }
    )
    texts.add("conditions.tags", "老, 会员")
    assert rule_of(texts) == {
        "key": "evening",
        "kind": "bonus",
        "name": "夜市",
        "points": 1000,
        "conditions": {"min_amount": 1250, "tags": ["老, 会员", "vip", "新会员"]},
        "funding": {"merchant": 30, "district": 70},
    }


def test_what_isn_t_a_rule_is_refused_at_its_fields() -> None:
    texts = MultiDict({"key": "x", "kind": "multiplier", "name": "x", "factor": "1", "funding.merchant": "101"})
    with pytest.raises(ValidationFailed) as refused:
        rule_of(texts)
    assert {flaw.pointer for flaw in refused.value.flaws} == {"/factor", "/funding/merchant", "/funding/district"}


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        (
            {"kind": "base", "points": 1, "per_amount": 100, "funding": {"merchant": 100}},
            "实付每满 ¥1 得 1 分，由商户出资。",
            "One point for each ¥1 paid, paid by the merchant.",
        ),
        (
            {
                "kind": "multiplier",
                "factor": "2",
                "conditions": {
                    "weekdays": [5, 6, 7],
                    "time_windows": [{"from": "18:00", "to": "23:00"}],
                    "categories": ["餐饮"],
                },
                "funding": {"merchant": 0},
            },
            "逢周五–周日，18:00–23:00 期间，在餐饮类门店消费，积分 2 倍，由商圈出资。",
            "On Fri–Sun, at 18:00–23:00, in shops of 餐饮, 2 times the points, paid by the district.",
        ),
        (
            {
                "kind": "bonus",
                "points": 50,
                "conditions": {"birthday": "day", "min_amount": 2000, "merchant_ids": list(MERCHANTS)},
                "funding": {"merchant": 50},
            },
            "会员生日当天，在商户0、商户1、商户2等 5 个，满 ¥20，再奖 50 分，由商户（50%）和商圈（50%）共同出资。",
            "On the member's birthday, at merchants 商户0, 商户1, 商户2 and 2 more, 5 in all, on amounts of ¥20 or more, "
            "50 points more, paid by the merchant (50%) and the district (50%).",
        ),
    ],
)
def test_sentences(rule: dict[str, Any], zh: str, en: str) -> None:
    for language, text in (("zh", zh), ("en", en)):
        with force_locale(language):
            assert sentence(sentences_of(rule["kind"], present(texts_of(rule))).main, rule, NAMES) == text
