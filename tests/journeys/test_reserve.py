"""The reserve of the pool: the points that are out, and what the district may draw beyond them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.factories.api import Reply
from tests.factories.books import broken
from tests.factories.checksums import Watch
from tests.factories.clock import SetClock
from tests.factories.districts import District, new_shop
from tests.factories.problems import check_problem
from tests.factories.refunds import give_back
from tests.factories.settlement import close, month, nets, periods, publish_terms


@pytest.fixture(autouse=True)
def _balanced(timed: District, timed_app: Flask, clock: SetClock) -> Iterator[None]:
    clock.set(month(1))
    publish_terms(timed).ok(201)
    with timed_app.app_context():
        yield
        assert broken(timed.id) == {}


def draw(district: District, number: int, amount: int, *, key: str | None = None) -> Reply:
    path = f"/v1/settlement-periods/{periods(district)[number - 1]['id']}/draw"
    return district.api.post(path, {"amount": amount, "reason": "春节活动"}, key or district.key)


def sell(district: District, store_id: str, amount: int, **more: Any) -> Any:
    return district.report(store_id=store_id, amount=amount, **more).ok(201)


def test_the_district_draws_what_exceeds_the_reserve(timed: District, clock: SetClock, watch: Watch) -> None:
    """340 against 300 that are out: 40 may be drawn, once; what comes back lessens it, and below the reserve nothing is."""
    a, b = timed.shop, timed.other_shop
    c, member, other = new_shop(timed.api, timed.key, "C303"), timed.member(), timed.member()
    sell(timed, a.store_id, 50_000, member_id=member)
    sell(timed, c.store_id, 20_000, member_id=other)
    at_b = sell(timed, b.store_id, 300, member_id=member, points_to_spend=300)
    sell(timed, a.store_id, 100, member_id=other, points_to_spend=100)
    first = periods(timed)[0]
    assert first["reserve"] == {"outstanding": "300", "pool": "340", "booked": 340, "drawable": 40}
    assert periods(timed, key=a.key)[0]["reserve"] is None
    before = watch.sums(timed.id)
    check_problem(draw(timed, 1, 41), 409, "pool-too-small")
    check_problem(draw(timed, 1, 1, key=a.key), 403, "forbidden")
    assert watch.sums(timed.id) == before
    assert draw(timed, 1, 30).ok(200)["reserve"]["drawable"] == 10
    check_problem(draw(timed, 1, 11), 409, "pool-too-small")
    clock.set(month(2))
    assert close(timed, 1)["reserve"] is None
    assert nets(timed, 1)[timed.id] == 30
    check_problem(draw(timed, 1, 1), 404, "not-found")
    give_back(timed, at_b["id"], 300)
    assert periods(timed)[1]["reserve"] == {"outstanding": "600", "pool": "580", "booked": 580, "drawable": 0}
    check_problem(draw(timed, 2, 1), 409, "pool-too-small")


def test_what_was_sold_since_the_end_of_a_period_counts(timed: District, clock: SetClock) -> None:
    """Points that are spent before a period is closed have left the pool as they have left their lots."""
    member = timed.member()
    sell(timed, timed.shop.store_id, 10_000, member_id=member)
    clock.set(month(2))
    sell(timed, timed.other_shop.store_id, 50, member_id=member, points_to_spend=50)
    assert periods(timed)[0]["reserve"] == {"outstanding": "50", "pool": "55", "booked": 100, "drawable": 5}
