"""What is left of a campaign, dealt out to slices: never more than there is, never less."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.coupons.campaigns.schemas import CampaignBody
from app.coupons.issuing.limits import Left, Limits, Slice, add, deal_out, left, limits_of, opened, opens_at, take

DAY = date(2026, 1, 1)
NOON = time(12)
SHANGHAI = ZoneInfo("Asia/Shanghai")
NONE = Limits(None, None, 0, None)


def slices(count: int = 16, **first: Any) -> list[Slice]:
    """Slices that have counted nothing, but for the first."""
    fresh = {
        "issued": 0,
        "set_aside": 0,
        "discount_given": 0,
        "expired": 0,
        "allotted": 0,
        "claimed": 0,
        "day_allotted": 0,
    }
    return [Slice(number=n, day=DAY, **{**fresh, **(first if n == 0 else {})}) for n in range(count)]


def test_limits_are_read_from_terms() -> None:
    body = {"name": "a", "kind": "percent_off", "percent_off": 10, "validity": {"days_after_issue": 1}}
    more = {"max_discount": 700, "budget": 5_000, "stock": 9, "per_day_stock": 4, "release_times": ["18:00", "10:00"]}
    assert limits_of(CampaignBody().load({**body, **more})) == Limits(9, 5_000, 700, 4, (time(10), time(18)))
    assert limits_of(CampaignBody().load(body)) == NONE


@pytest.mark.parametrize(
    ("stock", "releases", "at", "wanted"),
    [
        (None, (), NOON, None),
        (7, (), time(0), 7),
        (7, (time(10),), time(9, 59), 0),
        (7, (time(10),), time(10), 7),
        (7, (time(10), time(14), time(18)), time(10), 3),
        (7, (time(10), time(14), time(18)), time(14), 5),
        (7, (time(10), time(14), time(18)), time(18), 7),
        (1, (time(10), time(14)), time(23), 1),
    ],
)
def test_releases_share_the_day_s_stock_the_rest_to_the_first(
    stock: int | None, releases: tuple[time, ...], at: time, wanted: int | None
) -> None:
    assert opened(Limits(None, None, 0, stock, releases), at) == wanted


@pytest.mark.parametrize(
    ("limits", "counted", "wanted"),
    [
        (NONE, {}, Left(None, None)),
        (Limits(5, None, 0, None), {"issued": 3}, Left(2, None)),
        (Limits(None, 2_500, 1_000, None), {"set_aside": 1_000}, Left(1, None)),
        (Limits(None, 2_500, 1_000, None), {"set_aside": 1_000, "discount_given": 600}, Left(0, None)),
        (Limits(5, 2_500, 1_000, None), {"issued": 1}, Left(2, None)),
        (Limits(None, 1_000, 1_000, None), {"set_aside": 2_500}, Left(-2, None)),
        (Limits(None, None, 0, 4), {"claimed": 3}, Left(None, 1)),
        (Limits(None, None, 0, 4), {"claimed": 3, "day": date(2025, 12, 31)}, Left(None, 4)),
    ],
)
def test_the_tightest_limit_counts(limits: Limits, counted: dict[str, Any], wanted: Left) -> None:
    day = counted.pop("day", DAY)
    some = slices(**counted)
    some[0].day = day
    assert left(limits, some, DAY, NOON) == wanted
    assert wanted.has(1) == all(one is None or one > 0 for one in wanted)


def test_what_ended_counts_as_returned() -> None:
    limits = Limits(None, 2_000, 1_000, None)
    assert left(limits, slices(set_aside=2_000), DAY, NOON).in_all == 0
    assert left(limits, slices(set_aside=2_000), DAY, NOON, returning=1_000).in_all == 1


@given(st.integers(-5, 1_000), st.integers(0, 1_000), st.integers(1, 16))
def test_what_is_dealt_out_is_what_is_left(in_all: int, today: int, count: int) -> None:
    some = slices(count)
    deal_out(some, Left(in_all, today), DAY)
    assert sum(one.allotted for one in some) == max(0, in_all)
    assert sum(one.day_allotted for one in some) == today
    assert max(one.allotted for one in some) - min(one.allotted for one in some) <= 1


@given(
    st.integers(0, 60),
    st.none() | st.integers(0, 60),
    st.lists(st.integers(0, 15), min_size=0, max_size=200),
)
def test_claims_of_any_slices_come_to_the_limits_exactly(stock: int, a_day: int | None, order: list[int]) -> None:
    """Each claim looks at one slice, and at all where that has none: as `taking` does it."""
    limits, some, given_ = Limits(stock, None, 0, a_day), slices(), 0
    for number in order:
        one = some[number]
        if one.allotted > 0 and (a_day is None or one.day_allotted > 0):
            take(one, limits, claimed=a_day is not None)
        else:
            remaining = left(limits, some, DAY, NOON)
            if not remaining.has(1):
                continue
            deal_out(some, remaining.without(1, claimed=a_day is not None), DAY)
            add(some[0], limits, 1, claimed=a_day is not None)
        given_ += 1
    assert given_ == min(len(order), stock, stock if a_day is None else a_day)
    assert sum(one.issued for one in some) == given_
    assert sum(one.issued + one.allotted for one in some) <= max(stock, given_)


def test_a_new_day_begins_with_nothing_claimed() -> None:
    some = slices(claimed=9)
    deal_out(some, Left(None, 3), date(2026, 1, 2))
    assert [one.claimed for one in some] == [0] * 16
    assert {one.day for one in some} == {date(2026, 1, 2)}


@pytest.mark.parametrize(
    ("limits", "at", "wanted"),
    [
        (NONE, NOON, None),
        (Limits(None, None, 0, 5), NOON, datetime(2026, 1, 1, 16, tzinfo=UTC)),
        (Limits(None, None, 0, 5, (time(10), time(18))), time(9), datetime(2026, 1, 1, 2, tzinfo=UTC)),
        (Limits(None, None, 0, 5, (time(10), time(18))), time(10), datetime(2026, 1, 1, 10, tzinfo=UTC)),
        (Limits(None, None, 0, 5, (time(10), time(18))), time(18), datetime(2026, 1, 2, 2, tzinfo=UTC)),
        (Limits(None, None, 0, 1, (time(10), time(18))), time(11), datetime(2026, 1, 2, 2, tzinfo=UTC)),
    ],
)
def test_when_more_comes(limits: Limits, at: time, wanted: datetime | None) -> None:
    assert opens_at(limits, DAY, at, SHANGHAI) == wanted
