"""The worked figures of paying: what is asked for, and what is paid out of too little."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settlement.paying.rules import DueBalance, payouts
from app.settlement.rules import Party

A, B, C = (Party("merchant", f"mer_{one * 32}") for one in "abc")


@pytest.mark.parametrize(
    ("due", "amount"),
    [
        (DueBalance(-410), -410),
        (DueBalance(1_111), 1_111),
        (DueBalance(-560, held=80), -480),
        (DueBalance(37), 0),
        (DueBalance(-99), 0),
        (DueBalance(-560, paid_since=200), -360),
        (DueBalance(-200, paid_since=410), 210),
        (DueBalance(100, paid_since=-300), -200),
        (DueBalance(100, held=500), 0),
    ],
)
def test_what_is_asked_for_and_paid_out(due: DueBalance, amount: int) -> None:
    assert due.amount(100) == amount


def test_cash_1106_of_1675_due_is_shared_by_largest_remainder_on_the_last_day() -> None:
    due = {A: 1_111, B: 564}
    assert payouts(due, 1_106, 100, is_last_day=False) == {}
    assert payouts(due, 1_106, 100, is_last_day=True) == {A: 734, B: 372}
    assert payouts(due, 1_675, 100, is_last_day=False) == due


def test_a_share_under_the_least_payment_stays_on_the_balance() -> None:
    assert payouts({A: 10_000, B: 120}, 5_000, 100, is_last_day=True) == {A: 4_941}
    assert payouts({A: 500, B: 500}, 0, 100, is_last_day=True) == {}


@given(st.lists(st.integers(100, 10**9), min_size=1, max_size=3), st.integers(0, 10**10))
def test_never_more_than_there_is_nor_than_is_owed(amounts: list[int], cash: int) -> None:
    due = dict(zip((A, B, C), amounts, strict=False))
    paid = payouts(due, cash, 0, is_last_day=True)
    assert sum(paid.values()) <= cash
    assert all(0 < amount <= due[party] for party, amount in paid.items())
