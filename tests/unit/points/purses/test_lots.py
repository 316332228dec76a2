"""Lots as values: the order of spending, what a refund takes from where, and which spent points come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.points.purses.lots import Lot, slice_of_spent, smaller_shares, spendable_lots, take_back

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def lot(
    name: str, remaining: int, *, starts: int = -1, ends: int | None = 10, funder: str = "merchant", **more: int
) -> Lot:
    start, end = NOW + timedelta(days=starts), None if ends is None else NOW + timedelta(days=ends)
    return Lot(name, "mem", "mer", funder, "txn", 100, remaining, start, end, **more)


def test_the_order_of_spending() -> None:
    lots = [
        lot("never", 5, ends=None),
        lot("later", 5, ends=9),
        lot("b", 5, ends=3, starts=-1),
        lot("a", 5, ends=3, starts=-1),
        lot("older", 5, ends=3, starts=-2),
        lot("pending", 5, ends=1, starts=1),
        lot("ended", 5, ends=0),
        lot("empty", 0, ends=1),
    ]
    assert [one.id for one in spendable_lots(lots, NOW)] == ["older", "a", "b", "later", "never"]


def taken(
    wanted: dict[str, int], *lots: Lot
) -> tuple[list[tuple[str, int, str]], list[tuple[str, int, str]], dict[str, int]]:
    plan = take_back(wanted, lots, NOW)
    parts = [[(one.lot.id, one.points, one.funder) for one in some] for some in (plan.from_lots, plan.lapsed)]
    return parts[0], parts[1], plan.missing


def test_pending_points_go_first_then_the_order_of_spending() -> None:
    lots = lot("soon", 5, ends=2), lot("late", 5, ends=9), lot("pending", 5, starts=1, ends=20)
    assert taken({"merchant": 12}, *lots) == (
        [("pending", 5, "merchant"), ("soon", 5, "merchant"), ("late", 2, "merchant")],
        [],
        {},
    )


def test_what_a_funder_s_lot_cannot_cover_comes_from_the_other_s() -> None:
    lots = lot("m", 3), lot("d", 10, funder="district")
    assert taken({"merchant": 5, "district": 4}, *lots) == (
        [("m", 3, "merchant"), ("d", 4, "district"), ("d", 2, "merchant")],
        [],
        {},
    )


def test_what_lives_goes_before_what_has_ended_and_the_rest_is_missing() -> None:
    lots = lot("gone", 0, expired=4, reclaimed=1), lot("ending", 2, ends=-1), lot("live", 1)
    assert taken({"merchant": 9}, *lots) == (
        [("live", 1, "merchant")],
        [("ending", 2, "merchant"), ("gone", 3, "merchant")],
        {"merchant": 3},
    )


@given(
    st.integers(0, 60),
    st.integers(0, 60),
    st.lists(
        st.builds(
            lot,
            st.uuids().map(str),
            st.integers(0, 50),
            starts=st.integers(-3, 3),
            ends=st.none() | st.integers(-3, 9),
            funder=st.sampled_from(("merchant", "district")),
            expired=st.integers(0, 20),
        ),
        max_size=5,
    ),
)
def test_every_point_is_accounted_for_and_no_lot_gives_more_than_it_has(
    merchant: int, district: int, lots: list[Lot]
) -> None:
    plan = take_back({"merchant": merchant, "district": district}, lots, NOW)
    for funder, wanted in (("merchant", merchant), ("district", district)):
        parts = sum(one.points for one in (*plan.from_lots, *plan.lapsed) if one.funder == funder)
        assert parts + plan.missing.get(funder, 0) == wanted
    for one in lots:
        assert sum(part.points for part in plan.from_lots if part.lot is one) <= one.live(NOW)
        assert sum(part.points for part in plan.lapsed if part.lot is one) <= one.lapsed(NOW)
    if plan.missing:
        assert sum(one.points for one in (*plan.from_lots, *plan.lapsed)) == sum(
            one.live(NOW) + one.lapsed(NOW) for one in lots
        )


@pytest.mark.parametrize(
    ("old", "evaluated", "new"),
    [
        ({"merchant": 50, "district": 50}, {"merchant": 20, "district": 30}, (20, 30)),
        ({"merchant": 50, "district": 50}, {"merchant": 60, "district": 10}, (50, 20)),
        ({"merchant": 50, "district": 50}, {"merchant": 90, "district": 90}, (50, 50)),
        ({"merchant": 50, "district": 0}, {"district": 30}, (30, 0)),
        ({"merchant": 50, "district": 50}, {}, (0, 0)),
    ],
)
def test_a_share_only_shrinks_and_the_excess_is_the_other_s(
    old: dict[str, int], evaluated: dict[str, int], new: tuple[int, int]
) -> None:
    assert smaller_shares(old, evaluated) == {"merchant": new[0], "district": new[1]}


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.data())
def test_slices_of_what_was_spent_make_the_whole(taken_points: list[int], data: st.DataObject) -> None:
    spent = [(str(number), points) for number, points in enumerate(taken_points)]
    total, skip, back = sum(taken_points), 0, dict[str, int]()
    while skip < total:
        part = data.draw(st.integers(1, total - skip))
        for lot_id, points in slice_of_spent(spent, skip, part):
            back[lot_id] = back.get(lot_id, 0) + points
        skip += part
    assert back == dict(spent)
