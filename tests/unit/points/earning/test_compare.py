"""What is said of two rules' conditions holds for every sale."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.foundation.figures.time_windows import TimeWindow
from app.points.earning.compare import covers, is_contradiction, may_meet
from app.points.earning.conditions import Conditions, SaleFacts, celebrated
from app.points.earning.evaluate import evaluate
from app.points.earning.rule_sets import RuleSet
from app.points.earning.rules import Rule

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_DAY = date(2028, 2, 26)  # around the end of a February that has a 29th
DAYS = st.integers(0, 5).map(lambda n: FIRST_DAY + timedelta(days=n))
CLOCKS = st.sampled_from([time(0), time(2), time(9), time(18), time(22)])
WINDOWS = st.builds(TimeWindow, CLOCKS, CLOCKS).filter(lambda one: one.start != one.until)
WORDS = st.frozensets(st.sampled_from("ab"), max_size=2)
MAYBE = st.sampled_from([None, None, True, False])
AMOUNTS = st.none() | st.integers(1, 4)
CONDITIONS = st.builds(
    Conditions,
    channels=WORDS,
    tags=WORDS,
    weekdays=st.frozensets(st.integers(5, 7), max_size=2),
    time_windows=st.lists(WINDOWS, max_size=2).map(tuple),
    date_from=st.none() | DAYS,
    date_to=st.none() | DAYS,
    min_amount=AMOUNTS,
    max_amount=st.none() | st.integers(0, 4),
    first_in_district=MAYBE,
    first_at_merchant=MAYBE,
    birthday=st.sampled_from([None, None, "day", "month"]),
)


@st.composite
def sales(draw: Any) -> SaleFacts:
    """A sale of the days and amounts that the conditions are about; whoever is new in the district is so everywhere."""
    moment = datetime.combine(draw(DAYS), draw(CLOCKS), ZONE)
    is_first = draw(st.booleans())
    return SaleFacts(
        draw(st.integers(1, 5)),
        moment,
        "mer",
        "str",
        channel=draw(st.sampled_from("ab")),
        tags=draw(WORDS),
        first_in_district=is_first,
        first_at_merchant=is_first or draw(st.booleans()),
        birthday=celebrated(draw(DAYS), moment.date()),
    )


def meets(sale: SaleFacts, conditions: Conditions) -> bool:
    rules = (Rule("one", "1 per fen", points=1, per_amount=1, conditions=conditions),)
    return evaluate(RuleSet(1, None, rules), sale, ZONE, "floor").points > 0


@given(CONDITIONS, CONDITIONS, st.lists(sales(), min_size=20, max_size=20))
def test_a_sale_that_meets_both_is_possible(one: Conditions, other: Conditions, some: list[SaleFacts]) -> None:
    assert may_meet(one, other) == may_meet(other, one)
    if any(meets(sale, one) and meets(sale, other) for sale in some):
        assert may_meet(one, other)


@given(CONDITIONS, CONDITIONS, st.data())
def test_who_is_covered_is_met(one: Conditions, other: Conditions, data: Any) -> None:
    """The second condition is made of the first, so that it is often covered."""
    narrow = data.draw(st.sampled_from([other, Conditions(**{**vars_of(other), **some_of(one, data)})]))
    if covers(one, narrow):
        for sale in data.draw(st.lists(sales(), min_size=20, max_size=20)):
            assert meets(sale, one) or not meets(sale, narrow)


def vars_of(conditions: Conditions) -> dict[str, Any]:
    return {name: getattr(conditions, name) for name in Conditions.__dataclass_fields__}


def some_of(conditions: Conditions, data: Any) -> dict[str, Any]:
    names = data.draw(st.sets(st.sampled_from(sorted(Conditions.__dataclass_fields__)), min_size=8))
    return {name: value for name, value in vars_of(conditions).items() if name in names}


@given(CONDITIONS, st.lists(sales(), min_size=20, max_size=20))
def test_no_sale_meets_a_contradiction(conditions: Conditions, some: list[SaleFacts]) -> None:
    assert covers(conditions, conditions)
    if is_contradiction(conditions) is not None:
        assert not any(meets(sale, conditions) for sale in some)
