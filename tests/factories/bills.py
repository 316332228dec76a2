"""Bills and coupons as values, and any of them for properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from app.coupons.bill.judging import Occasion
from app.coupons.bill.lines import Bill, Line, bill_of
from app.coupons.bill.terms import AmountOff, Benefit, Exchange, PercentOff, Presented, Terms

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 1, 1, 4, tzinfo=UTC)
"""Noon in Shanghai, a Thursday."""
HERE = Occasion(NOW, SHANGHAI, "mer_a", "str_a", "catering", "till", "mem_a")
SKUS = ("A", "B", "C")
CATEGORIES = ("tea", "food")


def coupon(benefit: Benefit, number: int = 1, *, days: int = 30, **terms: Any) -> Presented:
    """A coupon of its own campaign, that stacks with all unless told otherwise, usable for some days."""
    of_coupon = {name: terms.pop(name) for name in Presented.__slots__ if name in terms}
    campaign = Terms(f"cam_{number:02}", benefit, **{"stacking_group": None, **terms})
    made = Presented(f"cpn_{number:02}", campaign, NOW - timedelta(days=1), NOW + timedelta(days=days), "mem_a")
    return replace(made, **of_coupon)


def numbered(coupons: list[Presented]) -> list[Presented]:
    """The same coupons, each with an id of its own."""
    return [replace(one, coupon_id=f"cpn_{place:02}") for place, one in enumerate(coupons)]


LINES = st.builds(
    Line,
    amount=st.integers(0, 400),
    quantity=st.integers(1, 3),
    sku=st.none() | st.sampled_from(SKUS),
    category=st.none() | st.sampled_from(CATEGORIES),
)


def any_bill(items: list[Line], rest: int) -> Bill:
    return bill_of(sum(item.amount for item in items) + rest, items)


BILLS = st.builds(any_bill, st.lists(LINES, max_size=6), st.sampled_from([0, 0, 1, 50, 333]))
MOST = st.none() | st.integers(1, 200)
BENEFITS: st.SearchStrategy[Benefit] = st.one_of(
    st.builds(AmountOff, st.integers(1, 500)),
    st.builds(PercentOff, st.integers(1, 99), MOST),
    st.builds(Exchange, st.sampled_from(SKUS), st.integers(0, 300), MOST),
)
SOME_SKUS = st.frozensets(st.sampled_from(SKUS), max_size=2)


def any_coupon(benefit: Benefit, number: int, days: int, **terms: Any) -> Presented:
    return coupon(benefit, number, days=days, **terms)


def terms_key(one: Presented) -> str:
    return one.terms.campaign_id


COUPON = st.builds(
    any_coupon,
    BENEFITS,
    st.integers(1, 99),
    st.integers(1, 4),
    item_skus=SOME_SKUS,
    item_categories=st.frozensets(st.sampled_from(CATEGORIES), max_size=1),
    excluded_skus=SOME_SKUS,
    min_amount=st.sampled_from([0, 0, 0, 100, 500]),
    stacking_group=st.sampled_from([None, None, None, "a", "b"]),
    exclusive=st.sampled_from([False, False, False, False, True]),
    earns_points=st.booleans(),
)


def coupons(most: int) -> st.SearchStrategy[list[Presented]]:
    """Some coupons: each campaign has its own terms, and some have two coupons."""
    some = st.lists(COUPON, max_size=most, unique_by=terms_key)
    doubled = st.tuples(some, st.integers(0, 2)).map(lambda pair: (pair[0] + pair[0][: pair[1]])[:most])
    return doubled.map(numbered)
