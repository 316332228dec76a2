"""Who pays for a discount: shares add up, and a refund lets nobody pay more."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.coupons.bill.funding import funded, funded_still
from app.coupons.bill.terms import FUNDERS, Funder


def three(*numbers: int) -> dict[Funder, int]:
    return dict(zip(FUNDERS, numbers, strict=True))


def shown(found: dict[Funder, int]) -> tuple[int, ...]:
    return tuple(found.get(funder, 0) for funder in FUNDERS)


@pytest.mark.parametrize(
    ("discount", "percents", "wanted"),
    [
        (1001, (60, 40, 0), (601, 400, 0)),
        (1001, (34, 33, 33), (341, 330, 330)),
        (11, (5, 15, 80), (0, 2, 9)),
        (1, (50, 50, 0), (1, 0, 0)),
        (1, (0, 50, 50), (0, 1, 0)),
        (10, (0, 0, 100), (0, 0, 10)),
        (0, (60, 40, 0), (0, 0, 0)),
    ],
)
def test_a_discount_is_shared_by_largest_remainder(
    discount: int, percents: tuple[int, int, int], wanted: tuple[int, ...]
) -> None:
    assert shown(funded(discount, three(*percents))) == wanted


@pytest.mark.parametrize(
    ("left", "percents", "before", "wanted"),
    [
        (10, (5, 15, 80), (0, 2, 9), (0, 2, 8)),
        (501, (34, 33, 33), (341, 330, 330), (171, 165, 165)),
        (0, (34, 33, 33), (171, 165, 165), (0, 0, 0)),
    ],
)
def test_what_is_left_of_it_costs_nobody_more(
    left: int, percents: tuple[int, int, int], before: tuple[int, int, int], wanted: tuple[int, ...]
) -> None:
    assert shown(funded_still(left, three(*percents), three(*before))) == wanted


PERCENTS = st.tuples(st.integers(0, 100), st.integers(0, 100)).filter(lambda two: sum(two) <= 100)


@given(st.integers(0, 10**4), PERCENTS, st.randoms(use_true_random=False))
def test_through_any_refunds_shares_add_up_and_fall(left: int, two: tuple[int, int], chance: random.Random) -> None:
    funding = three(*two, 100 - sum(two))
    share = funded(left, funding)
    assert sum(share.values()) == left
    while left:
        left = chance.choice([left - 1, chance.randint(0, left - 1)])
        less = funded_still(left, funding, share)
        assert sum(less.values()) == left
        assert all(now <= before for now, before in zip(shown(less), shown(share), strict=True))
        share = less
