"""What is kept of a sale's facts is enough to evaluate it again, and no more."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.figures.time_windows import TimeWindow
from app.points.earning.conditions import Allowance, Conditions, SaleFacts
from app.points.earning.evaluate import evaluate
from app.points.earning.recorded_facts import freeze, thaw
from app.points.earning.rule_sets import RuleSet
from app.points.earning.rules import Rule

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


SOLD = SaleFacts(5, NOON, "mer_1", "str_1", None, "till", "wechat")
"""A sale as far as it is recorded."""


def version(*conditions: Conditions, **changes: Any) -> RuleSet:
    return RuleSet(1, None, tuple(Rule(f"r{n}", "", 1, 100, n, one, **changes) for n, one in enumerate(conditions)))


def facts(**changes: Any) -> SaleFacts:
    known: dict[str, Any] = {
        "category": "food",
        "channel": "till",
        "payment_method": "wechat",
        "tier_id": "tir_1",
        "tags": frozenset({"vip", "staff"}),
        "first_in_district": True,
        "first_at_merchant": True,
        "birthday": frozenset({"day", "month", "month-before"}),
    }
    return SaleFacts(1280, NOON, "mer_1", "str_1", **(known | changes))


def kept(rule_set: RuleSet, sale: SaleFacts) -> dict[str, Any] | None:
    frozen = freeze(rule_set, sale, evaluate(rule_set, sale, ZONE, "floor").outcomes)
    return None if frozen is None else orjson.loads(orjson.dumps(frozen))


def test_plain_rules_need_nothing() -> None:
    plain = version(Conditions(), Conditions(channels=frozenset({"till"}), min_amount=5), most_per_sale=4)
    assert plain.needs == frozenset()
    assert kept(plain, facts()) is None


def test_only_what_the_version_looks_at_is_kept() -> None:
    looking = version(
        Conditions(categories=frozenset({"food"})),
        Conditions(tags=frozenset({"vip", "old"})),
        Conditions(first_at_merchant=False),
        Conditions(birthday="day"),
    )
    assert looking.needs == {"category", "tags", "first_at_merchant", "birthday"}
    assert kept(looking, facts()) == {
        "category": "food",
        "tags": ["vip"],
        "first_at_merchant": True,
        "birthday": ["day"],
    }


def test_room_is_kept_where_it_may_matter_again() -> None:
    rules = version(Conditions(), Conditions(channels=frozenset({"web"})), Conditions(max_amount=5), most_per_day=9)
    room = {key: Allowance(3, "daily-cap-reached") for key in ("r0", "r1", "r2")}
    assert kept(rules, facts(allowances=room)) == {"room": {"r0": 3, "r2": 3}}
    assert kept(rules, facts(allowances={"r0": Allowance(0, "budget-spent")})) == {"room": {"r0": "budget-spent"}}


def test_a_sale_without_facts_can_be_thawed() -> None:
    assert thaw(SOLD, None) == SOLD


WORDS = st.frozensets(st.sampled_from(["a", "b", "c"]), max_size=2)
MAYBE = st.none() | st.booleans()
CONDITIONS = st.builds(
    Conditions,
    categories=WORDS,
    channels=WORDS,
    tier_ids=WORDS,
    tags=WORDS,
    first_in_district=MAYBE,
    first_at_merchant=MAYBE,
    birthday=st.sampled_from([None, None, "day", "month"]),
    time_windows=st.lists(st.builds(TimeWindow, st.times(), st.times()), max_size=1).map(tuple),
    min_amount=st.none() | st.integers(0, 5_000),
    max_amount=st.none() | st.integers(0, 5_000),
)
SETS = st.lists(
    st.builds(
        Rule,
        key=st.sampled_from("uvwxyz"),
        name=st.just(""),
        points=st.integers(1, 9),
        per_amount=st.integers(1, 200),
        priority=st.integers(0, 3),
        conditions=CONDITIONS | st.just(Conditions()),
        kind=st.sampled_from(("base", "multiplier", "bonus")),
        factor=st.fractions(min_value=Fraction(11, 10), max_value=3, max_denominator=10),
        exclusive_group=st.sampled_from([None, "g"]),
        most_per_day=st.none() | st.integers(1, 90),
        budget=st.none() | st.integers(1, 90),
        merchant_percent=st.integers(0, 100),
    ),
    max_size=5,
    unique_by=lambda rule: rule.key,
).map(lambda rules: RuleSet(1, None, tuple(rules)))
ROOM = st.builds(Allowance, st.integers(0, 90), st.sampled_from(["daily-cap-reached", "budget-spent"]))
SALES = st.builds(
    SaleFacts,
    eligible_amount=st.integers(0, 9_000),
    occurred_at=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda one: one.replace(tzinfo=UTC)),
    merchant_id=st.just("mer_1"),
    store_id=st.just("str_1"),
    category=st.sampled_from([None, "a", "b"]),
    channel=st.sampled_from([None, "a", "b"]),
    payment_method=st.none(),
    tier_id=st.sampled_from([None, "a", "b"]),
    tags=WORDS,
    first_in_district=st.booleans(),
    first_at_merchant=st.booleans(),
    birthday=st.frozensets(st.sampled_from(["day", "month", "day-before", "month-before"])),
    allowances=st.dictionaries(st.sampled_from("uvwxyz"), ROOM, max_size=6),
)
ROUNDINGS: Any = st.sampled_from(("floor", "half_up"))


def capped_only(rule_set: RuleSet, sale: SaleFacts) -> SaleFacts:
    """Only rules that count their use have room to be left."""
    capped = {rule.key for rule in rule_set.capped}
    return sale._replace(allowances={key: room for key, room in sale.allowances.items() if key in capped})


@given(SETS, SALES, ROUNDINGS, st.integers(0, 90), st.integers(1, 90))
def test_evaluated_again_it_is_what_the_live_facts_would_give(
    rule_set: RuleSet, live: SaleFacts, rounding: Any, refunded: int, bill: int
) -> None:
    sale = capped_only(rule_set, live)
    first = evaluate(rule_set, sale, ZONE, rounding)
    frozen = freeze(rule_set, sale, first.outcomes)
    if frozen is not None:
        frozen = orjson.loads(orjson.dumps(frozen))
    sold = SaleFacts(*sale[:4], channel=sale.channel, payment_method=sale.payment_method)
    again = evaluate(rule_set, thaw(sold, frozen), ZONE, rounding)
    assert again[:4] == first[:4]
    left = Fraction(sale.eligible_amount) * (bill - min(refunded, bill)) / bill
    assert (
        evaluate(rule_set, thaw(sold._replace(eligible_amount=left), frozen), ZONE, rounding)[:4]
        == evaluate(rule_set, sale._replace(eligible_amount=left), ZONE, rounding)[:4]
    )


def test_nothing_personal_is_kept() -> None:
    """A birthday is known as whether it was that day, never as a date."""
    frozen = kept(version(Conditions(birthday="day")), facts(birthday=frozenset({"day-before"})))
    assert frozen == {"birthday": ["day-before"]}
