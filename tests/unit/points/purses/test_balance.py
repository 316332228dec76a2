"""A purse against a plain model: lots kept in a list, counted anew at every question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.points.purses.balance import Balance

START = datetime(2026, 1, 1, tzinfo=UTC)
MEMBER = "mem_" + "1" * 32
MICROSECOND = timedelta(microseconds=1)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


@dataclass(frozen=True)
class Lot:
    points: int
    available_at: datetime
    expires_at: datetime | None

    def state(self, now: datetime) -> str:
        if self.expires_at is not None and self.expires_at <= now:
            return "ended"
        return "pending" if self.available_at > now else "available"


def lot(points: int, available: int = 0, expires: int | None = None) -> Lot:
    return Lot(points, day(available), None if expires is None else day(expires))


LOTS = st.lists(
    st.builds(lot, st.integers(1, 500), st.integers(-20, 20), st.none() | st.integers(-20, 20)), max_size=8
)  # an end may lie before the beginning: pending days may outlast an expiry
DAYS = st.integers(-25, 25)


def balance_of(lots: list[Lot], now: datetime, **figures: int) -> Balance:
    balance = Balance(MEMBER, **figures)
    for one in lots:
        balance.add_lot(one.points, one.available_at, one.expires_at, now)
    return balance


def in_state(lots: list[Lot], state: str, now: datetime) -> int:
    return sum(one.points for one in lots if one.state(now) == state)


@given(LOTS, DAYS)
def test_adding_lots_counts_them_by_their_state(lots: list[Lot], today: int) -> None:
    now = day(today)
    balance = balance_of(lots, now)
    assert balance.available == in_state(lots, "available", now)
    assert balance.pending == in_state(lots, "pending", now)
    total = sum(one.points for one in lots)
    assert balance.ledger == total
    assert balance.available + balance.pending + in_state(lots, "ended", now) == total
    assert balance.sequence == len(lots)


@given(LOTS, DAYS, DAYS)
def test_recomputing_counts_as_of_that_instant(lots: list[Lot], before: int, today: int) -> None:
    balance = balance_of(lots, day(before), owed=7)
    kept = replace(balance)
    balance.recompute([(one.points, one.available_at, one.expires_at) for one in lots], day(today))
    fresh = balance_of(lots, day(today), owed=7)
    assert balance == fresh
    assert (balance.ledger, balance.earned, balance.sequence) == (kept.ledger, kept.earned, kept.sequence)


@given(LOTS, DAYS)
def test_figures_hold_until_the_next_change_and_not_longer(lots: list[Lot], today: int) -> None:
    now = day(today)
    balance = balance_of(lots, now)
    states = [one.state(now) for one in lots]
    later = [day(one) for one in range(today + 1, 30)]
    changes = [moment for moment in later if [one.state(moment) for one in lots] != states]
    assert balance.next_change_at == (changes[0] if changes else None)
    assert not balance.is_stale(now)
    for moment in later:
        assert balance.is_stale(moment) == (moment in changes or (bool(changes) and moment > changes[0]))


@given(LOTS, LOTS, DAYS)
def test_adding_to_what_was_recomputed_is_recomputing_all(old: list[Lot], new: list[Lot], today: int) -> None:
    now = day(today)
    balance = Balance(MEMBER)
    balance.recompute([(one.points, one.available_at, one.expires_at) for one in old], now)
    for one in new:
        balance.add_lot(one.points, one.available_at, one.expires_at, now)
    whole = balance_of(old + new, now)
    assert balance.as_figures() == whole.as_figures()
    assert balance.next_change_at == whole.next_change_at


@pytest.mark.parametrize(
    ("given_lot", "figures", "next_change"),
    [
        pytest.param(lot(10), (10, 0), None, id="available, without end"),
        pytest.param(lot(10, 0, 5), (10, 0), 5, id="available until an end"),
        pytest.param(lot(10, -3, 5), (10, 0), 5, id="available since before"),
        pytest.param(lot(10, 2), (0, 10), 2, id="pending, without end"),
        pytest.param(lot(10, 2, 5), (0, 10), 2, id="pending, then until an end"),
        pytest.param(lot(10, -9, 0), (0, 0), None, id="ended at this instant"),
        pytest.param(lot(10, -9, -1), (0, 0), None, id="ended before"),
        pytest.param(lot(10, 7, 5), (0, 10), 5, id="ends while still pending"),
    ],
)
def test_where_a_lot_counts(given_lot: Lot, figures: tuple[int, int], next_change: int | None) -> None:
    balance = balance_of([given_lot], START)
    assert (balance.available, balance.pending) == figures
    assert balance.next_change_at == (None if next_change is None else day(next_change))


def test_figures_turn_stale_at_the_instant_not_before() -> None:
    balance = balance_of([lot(10, 0, 5)], START)
    assert not balance.is_stale(day(5) - MICROSECOND)
    assert balance.is_stale(day(5))
    assert not Balance(MEMBER).is_stale(day(10_000))


@pytest.mark.parametrize(
    ("available", "owed", "spendable"), [(0, 0, 0), (100, 0, 100), (100, 30, 70), (100, 100, 0), (20, 60, 0)]
)
def test_what_is_owed_can_not_be_spent(available: int, owed: int, spendable: int) -> None:
    assert Balance(MEMBER, available=available, pending=500, owed=owed).spendable == spendable


def test_the_figures_that_go_with_a_sale() -> None:
    balance = Balance(MEMBER, ledger=930, available=815, pending=115, owed=4, earned=2000, sequence=9)
    assert balance.as_figures() == {"available": 815, "pending": 115, "owed": 4}
