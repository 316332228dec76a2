"""What a district may live through: plans for sales, refunds, rules and programmes, as Hypothesis draws them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

MEMBERS = 3
ZONES = ("Asia/Shanghai", "Asia/Shanghai", "America/New_York")
STARTS = (
    datetime(2027, 1, 30, 15, 59, 59, tzinfo=UTC),
    datetime(2027, 12, 31, 4, 30, tzinfo=UTC),
    datetime(2028, 2, 28, 23, 0, tzinfo=UTC),
    datetime(2027, 3, 13, 12, 0, tzinfo=UTC),
)
"""About ends of months and years, a leap day, and a change to summer time."""
SPANS = (0.02, 0.3, 0.3, 1, 1, 2, 8, 29, 31, 45, 180, 366)
"""Days that pass."""
MIDNIGHTS = (-1, 0, 1)
"""Seconds from the next local midnight."""
DAY = 24 * 60
AGES = (-5, *[1] * 12, 600, *(days * DAY for days in (1, 2, 3, 29, 30, 31, 32, 40, 200, 363, 364, 365, 366, 367, 4000)))
"""Minutes since a sale: ahead of the clock, pending, live, and about the day on which its points end."""

SALES = st.fixed_dictionaries(
    {
        "number": st.integers(0, 10_000),
        "shop": st.integers(0, 1),
        "amount": st.sampled_from((0, 99, 777, 2_550, 3_333, 12_800, 25_000, 25_000, 10_000_000_000)),
        "age": st.sampled_from(AGES),
        "member": st.sampled_from((None, *range(MEMBERS), *range(MEMBERS))),
        "payment": st.sampled_from((*[None] * 20, "p1", "p2", "p3")),
        "channel": st.sampled_from((None, "till", "app")),
        "eligible": st.sampled_from((*[None] * 8, 0, 333, 900, 1001)),
        "spend": st.sampled_from((None, None, 200, 500, 1000, 1000)),
        "extra": st.sampled_from((*[0] * 20, 1, 5_000)),
    }
)
"""`eligible`: thousandths of what is paid. `spend`: thousandths of what may be spent, and some points `extra`."""

BACKS = st.fixed_dictionaries(
    {
        "number": st.integers(0, 2_000),
        "which": st.integers(0, 5) | st.integers(0, 1000),
        "part": st.sampled_from((1, 1, 250, 333, 333, 500, 500, 900, 1000, 1000, 1001)),
        "eligible": st.sampled_from((*[None] * 8, 0, 500, 1000, 1001)),
        "by": st.sampled_from(("id", "id", "reference", "shop")),
    }
)
"""`which` sale, the newest first. `part` and `eligible`: thousandths of what is left of its bill, and of what that earns
on. `by`: how it is named."""

CAPS = st.dictionaries(
    st.sampled_from(("per_transaction", "per_member_per_day", "per_member_total", "budget")),
    st.sampled_from((1, 40, 150, 200, 1_000)),
    min_size=1,
    max_size=2,
)
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "merchant_ids": st.just([0]),
        "channels": st.just(["till"]),
        "first_in_district": st.booleans(),
        "first_at_merchant": st.booleans(),
        "max_amount": st.sampled_from((3_000, 20_000)),
        "weekdays": st.sampled_from(([6, 7], [1, 2, 3, 4])),
    },
).filter(lambda one: (one.get("first_in_district"), one.get("first_at_merchant")) != (True, False))
"""Merchants by their numbers. What no sale can meet is refused: the first in the district is the first anywhere in it."""
FUNDINGS = st.sampled_from((0, 33, 50, 100)).map(lambda share: {"merchant": share, "district": 100 - share})


def rule(key: str, kind: str, conditions: st.SearchStrategy[Any], **more: Any) -> st.SearchStrategy[dict[str, Any]]:
    """A rule of a kind, with or without caps."""
    fixed = {"key": st.just(key), "kind": st.just(kind), "name": st.just(key), "conditions": conditions}
    return st.fixed_dictionaries(
        {**fixed, "funding": FUNDINGS, **more}, optional={"caps": st.one_of(st.just({}), CAPS)}
    )


NO_CONDITIONS: st.SearchStrategy[dict[str, Any]] = st.just({})
SOME = st.one_of(NO_CONDITIONS, NO_CONDITIONS, CONDITIONS)
RATE = {"points": st.integers(1, 7), "per_amount": st.sampled_from((1, 100, 100, 333))}
FACTORS = st.sampled_from(("1.5", "2", "3", "1.3333"))
BONUS = SOME.flatmap(lambda wanted: st.sampled_from((1, 7_000, 20_000)).map(lambda least: bonus_on(wanted, least)))


def bonus_on(conditions: dict[str, Any], least: int) -> dict[str, Any]:
    """A bonus needs a minimum, which may not lie above its maximum."""
    return {**conditions, "min_amount": min(least, conditions.get("max_amount", least))}


RULES = st.tuples(
    rule("base", "base", NO_CONDITIONS, **RATE, priority=st.just(0)),
    st.none() | rule("special", "base", CONDITIONS, **RATE, priority=st.just(1)),
    st.none() | rule("night", "multiplier", SOME, factor=FACTORS),
    st.none() | rule("festival", "multiplier", SOME, factor=FACTORS, exclusive_group=st.just("fun")),
    st.none() | rule("opening", "multiplier", SOME, factor=FACTORS, exclusive_group=st.just("fun")),
    st.none() | rule("over", "bonus", BONUS, points=st.sampled_from((1, 50, 300))),
).map(lambda given: [one for one in given if one is not None])
"""A version; its keys live on through versions, so caps and budgets are met again."""
EFFECTIVE = st.sampled_from((None, None, *AGES))
"""Minutes since a version's instant; None is now."""

PROGRAMMES = st.fixed_dictionaries(
    {},
    optional={
        "pending_days": st.sampled_from((0, 0, 2, 40, 365)),
        "expiry": st.sampled_from(
            (
                {"policy": "never"},
                {"policy": "months", "months": 1},
                {"policy": "months", "months": 12},
                {"policy": "year_end", "grace_months": 2},
            )
        ),
        "rounding": st.sampled_from(("floor", "half_up")),
        "point_value": st.sampled_from(("1", "0.35", "2.5")),
        "refund_policy": st.sampled_from(("owe", "take", "forgive")),
        "max_spend_percent": st.sampled_from((100, 100, 50)),
        "min_spend_points": st.sampled_from((0, 0, 20)),
    },
)
