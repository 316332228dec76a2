"""Largest remainder: shares add up, ties go to the earlier, ceilings hold."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.figures.shares import shares, spread


@pytest.mark.parametrize(
    ("total", "weights", "wanted"),
    [
        (300, {"merchant": 60, "district": 40}, {"merchant": 180, "district": 120}),
        (1, {"merchant": 50, "district": 50}, {"merchant": 1}),
        (3, {"merchant": 50, "district": 50}, {"merchant": 2, "district": 1}),
        (1, {"merchant": 49, "district": 51}, {"district": 1}),
        (10, {"merchant": 33, "district": 67}, {"merchant": 3, "district": 7}),
        (5, {"a": 1, "b": 1, "c": 1}, {"a": 2, "b": 2, "c": 1}),
        (5, {"c": 1, "b": 1, "a": 1}, {"c": 2, "b": 2, "a": 1}),
        (100, {"a": 1, "b": 2, "c": 4}, {"a": 14, "b": 29, "c": 57}),
        (7, {"merchant": 100}, {"merchant": 7}),
        (7, {"merchant": 100, "district": 0}, {"merchant": 7}),
        (0, {"merchant": 100}, {}),
        (0, {"merchant": 50, "district": 50}, {}),
    ],
    ids=str,
)
def test_shares_go_by_largest_remainder_and_ties_to_the_earlier(
    total: int, weights: dict[str, int], wanted: dict[str, int]
) -> None:
    assert shares(total, weights) == wanted


WEIGHTS = st.lists(st.integers(0, 100), min_size=1, max_size=6).filter(any)


@given(st.integers(0, 10**16), WEIGHTS)
def test_shares_add_to_the_total_and_are_never_a_unit_off(total: int, weights: list[int]) -> None:
    split = shares(total, {str(place): weight for place, weight in enumerate(weights)})
    assert sum(split.values()) == total
    for place, weight in enumerate(weights):
        exact = Fraction(total * weight, sum(weights))
        assert abs(split.get(str(place), 0) - exact) < 1
    assert all(share > 0 for share in split.values())


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=6))
def test_no_share_is_a_whole_point_off(total: int, weights: list[int]) -> None:
    named = {str(place): Fraction(weight, 3) for place, weight in enumerate(weights)}
    found = shares(total, named)
    assert sum(found.values()) == total
    for key, weight in named.items():
        assert abs(found.get(key, 0) - total * weight / sum(named.values())) < 1


@given(st.integers(1, 10**12), st.lists(st.integers(0, 100) | st.just(7), min_size=1, max_size=40).filter(any))
def test_a_row_is_shared_out_alike(total: int, weights: list[int]) -> None:
    wanted = shares(total, dict(enumerate(weights)))
    assert spread(total, weights) == [wanted.get(place, 0) for place in range(len(weights))]


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 10)), min_size=1, max_size=8).filter(
        lambda row: any(w for w, _ in row)
    ),
    st.integers(1, 7),
)
def test_a_row_keeps_to_its_ceilings_alike(row: list[tuple[int, int]], unit: int) -> None:
    """As caps do: each ceiling is at least its exact part, and the total their rounded sum."""
    weights = [weight for weight, _ in row]
    ceilings = {place: -(-weight // unit) for place, (weight, more) in enumerate(row) if more % 2}
    total = (2 * sum(weights) + unit) // (2 * unit)
    wanted = shares(total, dict(enumerate(weights)), ceilings)
    assert spread(total, weights, ceilings) == [wanted.get(place, 0) for place in range(len(weights))]
