"""Tiers by themselves: windows, holds, what a refund undoes, and what is missing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.points.tiers.rules import (
    DayWindow,
    Tier,
    TierFigures,
    TierHold,
    TierState,
    next_tier,
    progress,
    reached,
    upheld,
)

TODAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
EARLIER = datetime(2026, 1, 1, tzinfo=UTC)
GOLD = Tier("tir_gold", "Gold", 2, "points_earned", 500, 30, EARLIER)
SILVER = Tier("tir_silver", "Silver", 1, "amount_spent", 10_000, 30, EARLIER)


def state(*tiers: Tier, **sums: int) -> TierState:
    """A member who bought so much, by what tiers look at, in each window."""
    ladder = tiers or (GOLD, SILVER)
    return TierState(
        ladder, TODAY, {}, {one.window: sums.get(one.qualifies_by, 0) for one in ladder}, TODAY - timedelta(days=400)
    )


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(("days", "counts"), [(0, True), (29, True), (30, False), (400, False), (-1, True)])
def test_a_window_is_so_many_days_with_today(days: int, counts: bool) -> None:
    member = state()
    member.count(days_ago(days), TierFigures(500, 0))
    assert member.sums[GOLD.window] == 500 * counts
    member.reach(NOW)
    assert (member.tier is GOLD) == counts


def test_the_threshold_is_enough() -> None:
    member = state(points_earned=499, amount_spent=9_999)
    member.reach(NOW)
    assert member.tier is None
    member.count(TODAY, TierFigures(1, 1))
    member.reach(NOW)
    assert member.holds.keys() == {GOLD.id, SILVER.id}
    assert member.tier is GOLD


def test_a_hold_ends_as_many_days_later() -> None:
    hold = reached(GOLD, TODAY, NOW)
    assert hold == TierHold(GOLD.id, NOW, TODAY, "points_earned", 500, 30)
    assert hold.ends_on == date(2026, 3, 31)
    member = state()
    member.holds[GOLD.id] = hold
    for day, ended in ((date(2026, 3, 30), []), (date(2026, 3, 31), [(GOLD, hold)])):
        member.today = day
        assert member.ended() == ended


@pytest.mark.parametrize(("total", "kept"), [(0, False), (499, False), (500, True)])
def test_at_its_end_the_window_decides(total: int, kept: bool) -> None:
    hold = reached(GOLD, days_ago(30), EARLIER)
    renewed = upheld(GOLD, hold, total)
    assert renewed == (reached(GOLD, TODAY, EARLIER) if kept else None)


def test_it_is_renewed_by_the_terms_of_then() -> None:
    dearer = Tier("tir_gold", "Gold", 2, "amount_spent", 9_000, 10, NOW)
    hold = reached(GOLD, days_ago(30), EARLIER)
    assert upheld(dearer, hold, 8_999) is None
    assert upheld(dearer, hold, 9_000) == TierHold(GOLD.id, EARLIER, TODAY, "amount_spent", 9_000, 10)


def test_what_is_held_is_not_reached_again() -> None:
    member = state(points_earned=9_000)
    member.holds[GOLD.id] = hold = reached(GOLD, days_ago(7), EARLIER)
    member.reach(NOW)
    assert member.holds == {GOLD.id: hold}


def test_by_other_terms_alone_it_counts_since_then() -> None:
    member = state(points_earned=500)
    member.reach()
    assert member.holds == {GOLD.id: reached(GOLD, TODAY, EARLIER)}


def test_a_sale_dated_tomorrow_counts_as_reached_then() -> None:
    member = state()
    member.count(days_ago(-1), TierFigures(500, 0))
    member.reach(NOW)
    assert member.holds[GOLD.id].ends_on == date(2026, 4, 1)


def test_a_refund_undoes_what_it_rests_on() -> None:
    member = state(points_earned=499)
    member.holds[GOLD.id] = reached(GOLD, days_ago(3), EARLIER)
    member.take_back({GOLD.id: 500}, NOW)
    assert member.tier is GOLD
    member.take_back({GOLD.id: 499}, NOW)
    assert member.tier is None


def test_it_rests_on_the_threshold_of_its_day() -> None:
    dearer = Tier("tir_gold", "Gold", 2, "points_earned", 800, 30, NOW)
    member = state(dearer)
    member.holds[GOLD.id] = reached(GOLD, days_ago(3), EARLIER)
    member.take_back({GOLD.id: 500}, NOW)
    assert member.tier is dearer


def test_who_bought_enough_since_holds_it_without_a_break() -> None:
    member = state(points_earned=500)
    member.holds[GOLD.id] = reached(GOLD, days_ago(3), EARLIER)
    member.take_back({GOLD.id: 0}, NOW)
    assert member.holds == {GOLD.id: reached(GOLD, TODAY, EARLIER)}


def test_two_members_become_one() -> None:
    old, survivor = state(points_earned=300), state(points_earned=200, amount_spent=10_000)
    old.holds[SILVER.id] = reached(SILVER, days_ago(3), NOW)
    survivor.holds[SILVER.id] = reached(SILVER, days_ago(9), EARLIER)
    survivor.join(old, NOW)
    assert survivor.holds == {SILVER.id: reached(SILVER, days_ago(3), EARLIER), GOLD.id: reached(GOLD, TODAY, NOW)}
    assert old.holds == {}
    old.reach(NOW)
    assert old.tier is None


@pytest.mark.parametrize(("current", "following"), [(None, SILVER), (SILVER, GOLD), (GOLD, None)])
def test_the_next_tier(current: Tier | None, following: Tier | None) -> None:
    assert next_tier((GOLD, SILVER), current) is following
    assert next_tier((), None) is None


@pytest.mark.parametrize(
    ("counted", "oldest", "missing", "by"),
    [
        (0, None, 500, None),
        (100, TODAY, 400, date(2026, 3, 30)),
        (499, days_ago(29), 1, TODAY),
        (600, TODAY, 0, date(2026, 3, 30)),
    ],
)
def test_what_is_missing_and_by_when(counted: int, oldest: date | None, missing: int, by: date | None) -> None:
    assert progress(GOLD, counted, oldest) == (GOLD, counted, missing, by)


figures = st.builds(TierFigures, st.integers(0, 300), st.integers(0, 5_000))


@given(st.lists(st.tuples(st.integers(0, 60), figures), max_size=12))
def test_sums_are_those_of_the_days_in_the_window(bought: list[tuple[int, TierFigures]]) -> None:
    member = state(GOLD, SILVER)
    for ago, one in bought:
        member.count(days_ago(ago), one)
    for window, total in member.sums.items():
        assert total == sum(one.by(window.qualifies_by) for ago, one in bought if ago < window.days)


@given(st.lists(figures, max_size=12), st.randoms())
def test_the_order_of_sales_changes_nothing_in_the_end(bought: list[TierFigures], chance: Any) -> None:
    ends = []
    for _ in range(2):
        member = state()
        for one in bought:
            member.count(TODAY, one)
            member.reach(NOW)
        ends.append(member.holds)
        chance.shuffle(bought)
    assert ends[0] == ends[1]


def test_windows() -> None:
    assert DayWindow("points_earned", 1).before(TODAY) == days_ago(1)
    assert (GOLD.window, SILVER.window) == (DayWindow("points_earned", 30), DayWindow("amount_spent", 30))
    assert TierFigures(1, 2).by("points_earned") == 1
    assert TierFigures(1, 2).by("amount_spent") == 2
