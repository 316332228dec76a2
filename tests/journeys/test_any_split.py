"""However a full refund is split, it ends alike (docs/points.en.md, "Refunds"), and no part of it takes more than its share."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.points.tasks import expire_district
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.districts import District
from tests.factories.points import adjust, base_rule, bonus, change_programme, figures, multiplier, new_version
from tests.factories.refunds import give_back, refund

SUMS = ("money_amount", "discount_reversed", "points_reversed", "points_restored", "points_forgiven")


class Story(NamedTuple):
    """What became of a sale's points before it was given back; `spent` and `restored` in thousandths of what there was."""

    amount: int
    paid_with: int
    eligible: int | None
    other: int
    spent: int
    restored: int
    days: int
    is_expired: bool
    pending_days: int


STORIES = st.builds(
    Story,
    amount=st.sampled_from((700, 9_999, 10_000, 25_001)),
    paid_with=st.integers(0, 335),
    eligible=st.sampled_from((None, None, 0, 123)),
    other=st.sampled_from((0, 40, 10_000)),
    spent=st.sampled_from((0, 300, 1_000)),
    restored=st.sampled_from((0, 0, 400, 1_000)),
    days=st.sampled_from((0, 0, 5, 31, 40, 70)),
    is_expired=st.booleans(),
    pending_days=st.sampled_from((0, 0, 10, 50)),
)
SPLITS = st.lists(st.tuples(st.integers(1, 999), st.sampled_from((None, None, None, 0, 500))), max_size=5)
"""Thousandths of what is left of the bill, some with an eligible amount of their own in thousandths of what they are."""


def sell(district: District, member: str, amount: int, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = district.report(member_id=member, amount=amount, **more).ok(201)
    return made


def live(district: District, clock: SetClock, story: Story) -> tuple[str, dict[str, Any]]:
    """A member, and a sale that the member paid with points and whose own points have gone ways of their own."""
    member = district.member()
    change_programme(district, pending_days=0)
    sell(district, member, 50_000)
    clock.moment += timedelta(minutes=1)
    change_programme(district, pending_days=story.pending_days)
    sale = sell(district, member, story.amount, points_to_spend=story.paid_with, eligible_amount=story.eligible)
    clock.moment += timedelta(days=story.days)
    spendable = district.balance(member)["spendable"]
    points = spendable * story.spent // 1_000
    if points:
        spent = sell(district, member, points, points_to_spend=points, store_id=district.other_shop.store_id)
        back = points * story.restored // 1_000
        if back:
            give_back(district, spent["id"], back)
    if story.other:
        adjust(district, member, story.other)
    if story.is_expired:
        expire_district(district.id)
    return member, sale


def give_all_back(
    district: District, sale: dict[str, Any], split: list[tuple[int, int | None]]
) -> list[dict[str, Any]]:
    """A refund that would leave more eligible than is left in money is refused: then all that is left eligible goes."""
    left, backs, earning = sale["amount"], [], Fraction(sale["eligible_amount"])
    for part, eligible in [*split, (1_000, None)]:
        amount = max(1, left * part // 1_000)
        if left:
            own = eligible and min(sale["eligible_amount"] // 1_000, amount * eligible // 1_000)
            own = own if own is None else max(0, min(own, int(earning)))  # shares may have given more than all of it
            more = {"transaction_id": sale["id"], "amount": amount}
            made = refund(district, eligible_amount=own, **more)
            if made.status == 422:
                own = int(earning)
                made = refund(district, eligible_amount=own, **more)
            backs.append(made.ok(201))
            earning -= Fraction(sale["eligible_amount"] * amount, sale["amount"]) if own is None else own
            left -= amount
    return backs


@pytest.fixture
def street(timed_app: Flask, timed: District) -> District:
    """Rules that leave remainders: thirds of points, two funders, a threshold."""
    half = {"merchant": 50, "district": 50}
    new_version(
        timed,
        base_rule(points=3, per_amount=700, funding={"merchant": 33, "district": 67}),
        multiplier("night", "1.3333", funding=half),
        bonus("over", points=50, min_amount=7_000, funding=half),
    )
    change_programme(timed, expiry={"policy": "months", "months": 1})
    return timed


@pytest.mark.parametrize("policy", ["owe", "take", "forgive"])
def test_any_split_ends_alike(timed_app: Flask, street: District, clock: SetClock, policy: str) -> None:
    change_programme(street, refund_policy=policy)

    @settings(
        max_examples=12, deadline=None, phases=[Phase.reuse, Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(story=STORIES, split=SPLITS)
    def ends_alike(story: Story, split: list[tuple[int, int | None]]) -> None:
        start, ends = clock.moment, []
        for parts in ([], split):
            clock.moment = start
            member, sale = live(street, clock, story)
            backs = give_all_back(street, sale, parts)
            available, pending, owed = figures(street, member)
            sums = [sum(one[name] for one in backs) for name in SUMS]
            ends.append([*sums, pending, available - owed])
            assert [sums[0], sums[2], sums[3]] == [sale["paid_amount"], sale["points_earned"], sale["points_spent"]]
        assert ends[0] == ends[1]

    with timed_app.app_context():
        ends_alike()
        assert broken(street.id) == {}
