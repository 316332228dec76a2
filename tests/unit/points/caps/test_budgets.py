"""Budgets in slices: what is dealt out, what room is left, and when it is certain. Without a database."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.points.caps.budgets import SLICES, Budgets, BudgetSlice, deal_out

UOW: Any = None
POINTS = st.integers(0, 10**6)


def slices(spent: list[int], budget: int | None) -> list[BudgetSlice]:
    made = [BudgetSlice("party", number, budget, spent=one) for number, one in enumerate(spent)]
    deal_out(made, budget)
    return made


@given(st.lists(POINTS, min_size=SLICES, max_size=SLICES), st.integers(1, 10**8))
def test_all_that_is_left_is_dealt_out_and_no_more(spent: list[int], budget: int) -> None:
    dealt = slices(spent, budget)
    assert sum(one.allotted for one in dealt) == max(budget, sum(spent))
    assert all(one.allotted >= one.spent for one in dealt)
    shares = [one.allotted - one.spent for one in dealt]
    assert max(shares) - min(shares) <= 1
    assert {one.is_spent for one in dealt} == {sum(spent) >= budget}
    assert {one.budget for one in dealt} == {budget}


@given(st.lists(POINTS, min_size=SLICES, max_size=SLICES))
def test_without_a_budget_nothing_is_ever_spent(spent: list[int]) -> None:
    dealt = slices(spent, None)
    assert not any(one.is_spent for one in dealt)
    assert Budgets(UOW, {"party": dealt[:1]}, frozenset()).left("party", None) is None
    assert Budgets(UOW, {"party": dealt}, frozenset({"party"})).left("party", None) is None


def test_one_slice_gives_what_is_left_of_it() -> None:
    budgets = Budgets(UOW, {"party": slices([0] * SLICES, 160)[3:4]}, frozenset())
    assert budgets.left("party", 160) == 10
    budgets.count("party", 7)
    assert budgets.left("party", 160) == 3
    assert not budgets.is_certain("party", 160), "other slices may have more"


def test_all_slices_know_exactly_what_is_left() -> None:
    budgets = Budgets(UOW, {"party": slices([5] * SLICES, 160)}, frozenset({"party"}))
    assert budgets.left("party", 160) == 80
    budgets.count("party", 30)
    assert budgets.left("party", 160) == 50
    assert budgets.left("party", 100) == 0, "an older version's, lower budget"
    assert budgets.is_certain("party", 160)


def test_a_slice_of_another_budget_is_not_relied_on() -> None:
    budgets = Budgets(UOW, {"party": slices([0] * SLICES, 160)[:1]}, frozenset())
    for other in (100, 200, None):
        assert budgets.left("party", other) == 0
        assert not budgets.is_certain("party", other)


def test_what_is_spent_is_spent_for_lower_budgets_too() -> None:
    budgets = Budgets(UOW, {"party": slices([10] * SLICES, 160)[:1]}, frozenset())
    assert budgets.left("party", 160) == 0
    assert budgets.is_certain("party", 160)
    assert budgets.is_certain("party", 90)
    assert not budgets.is_certain("party", 161)
    assert not budgets.is_certain("party", None)


def test_a_rule_whose_slice_is_not_held_has_no_certain_room() -> None:
    budgets = Budgets(UOW, {}, frozenset())
    assert budgets.left("party", 160) == 0
    assert not budgets.is_certain("party", 160)
