"""Points become available, end, come back and end again as days pass (docs/points.en.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.points.tasks import expire_district
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.districts import District
from tests.factories.lots import lots
from tests.factories.points import adjust, change_programme, entries, figures
from tests.factories.refunds import give_back

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def _balanced(timed_app: Flask, timed: District) -> Iterator[None]:
    with timed_app.app_context():
        yield
        assert broken(timed.id) == {}


def sell(district: District, member: str, amount: int, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = district.report(member_id=member, amount=amount, **more).ok(201)
    return made


def spend(district: District, member: str, points: int) -> dict[str, Any]:
    """A bill paid with points alone, at the other shop."""
    return sell(district, member, points, points_to_spend=points, store_id=district.other_shop.store_id)


def local(*clock: int) -> datetime:
    return datetime(*clock, tzinfo=SHANGHAI)  # type: ignore[arg-type]


def test_expiry_takes_what_is_left_and_once(timed: District, clock: SetClock) -> None:
    """Spends are paired with lots, so what was spent doesn't expire, and nothing expires twice."""
    change_programme(timed, expiry={"policy": "months", "months": 1})
    clock.moment = local(2027, 3, 10, 12)
    member = timed.member()
    sell(timed, member, 10_000)
    clock.moment = local(2027, 3, 20, 12)
    sell(timed, member, 10_000)
    spend(timed, member, 60)
    clock.moment = local(2027, 4, 10, 23, 59, 59)
    assert figures(timed, member) == (140, 0, 0), "until the end of the day"
    clock.moment = local(2027, 4, 11)
    assert figures(timed, member) == (100, 0, 0), "whether or not the job has run"
    assert timed.report(member_id=member, amount=1_000, points_to_spend=101).status == 422
    for _ in range(3):
        expire_district(timed.id)
    assert figures(timed, member) == (100, 0, 0)
    assert timed.balance(member)["lifetime"] == {"earned": 200, "spent": 60, "expired": 40}
    assert [one["points"] for one in entries(timed, member) if one["code"] == "expire"] == [-40]
    spend(timed, member, 100)
    clock.moment = local(2027, 4, 21)
    expire_district(timed.id)
    assert timed.balance(member)["lifetime"] == {"earned": 200, "spent": 160, "expired": 40}
    assert figures(timed, member) == (0, 0, 0)


def test_pending_points_become_available_at_the_start_of_their_day(timed: District, clock: SetClock) -> None:
    change_programme(timed, pending_days=7)
    clock.moment = local(2027, 2, 25, 23, 30)
    member = timed.member()
    sale = sell(timed, member, 10_000)
    assert sale["available_at"] == "2027-03-03T16:00:00Z"
    clock.moment = local(2027, 3, 4) - timedelta(microseconds=1)
    assert figures(timed, member) == (0, 100, 0)
    assert timed.report(member_id=member, amount=100, points_to_spend=1).status == 422
    clock.moment = local(2027, 3, 4)
    assert figures(timed, member) == (100, 0, 0)
    spend(timed, member, 100)


def test_pending_points_go_back_before_available_ones(timed: District, clock: SetClock) -> None:
    """Points of a sale restored while its others are pending: those that wait go first."""
    clock.moment = local(2027, 5, 1, 12)
    member = timed.member()
    change_programme(timed, pending_days=5)
    sale = sell(timed, member, 10_000)
    clock.moment += timedelta(days=5)
    spent = spend(timed, member, 40)
    give_back(timed, spent["id"], 40)
    other = sell(timed, member, 3_000)
    assert figures(timed, member) == (100, 30, 0)
    assert give_back(timed, other["id"], 1_000)["balance"] == {"available": 100, "pending": 20, "owed": 0}
    assert give_back(timed, sale["id"], 10_000)["points_owed"] == 0
    assert figures(timed, member) == (0, 20, 0)


def test_restored_points_last_thirty_days_and_are_not_extended_again(timed: District, clock: SetClock) -> None:
    change_programme(timed, expiry={"policy": "months", "months": 1})
    clock.moment = local(2027, 1, 31, 9)
    member = timed.member()
    sell(timed, member, 10_000)
    assert timed.balance(member)["expiring"] == [{"on": "2027-02-28", "points": 100}]
    spent = spend(timed, member, 100)
    clock.moment = local(2027, 2, 27, 9)
    assert give_back(timed, spent["id"], 100)["points_restored"] == 100
    assert timed.balance(member)["expiring"] == [{"on": "2027-03-29", "points": 100}]
    again = spend(timed, member, 100)
    clock.moment = local(2027, 3, 20, 9)
    give_back(timed, again["id"], 60)
    assert timed.balance(member)["expiring"] == [{"on": "2027-03-29", "points": 60}], "extended once only"
    clock.moment = local(2027, 3, 30)
    late = give_back(timed, again["id"], 40)
    assert (late["points_restored"], late["balance"]["available"]) == (40, 0), "they had ended by then"
    expire_district(timed.id)
    assert timed.balance(member)["lifetime"]["expired"] == 100
    assert [one.expires_at for one in lots(timed.id, member) if one.is_restored] == [local(2027, 3, 30)] * 3


def test_restored_points_that_have_ended_pay_no_debt(timed: District, clock: SetClock) -> None:
    change_programme(timed, expiry={"policy": "months", "months": 1})
    clock.moment = local(2027, 1, 10, 9)
    member = timed.member()
    sell(timed, member, 10_000)
    for _ in range(2):
        spent = spend(timed, member, 100)
        give_back(timed, spent["id"], 100)
    spent = spend(timed, member, 100)
    change_programme(timed, expiry={"policy": "never"})
    other = sell(timed, member, 5_000)
    spend(timed, member, 50)
    assert give_back(timed, other["id"], 5_000)["points_owed"] == 50
    clock.moment = local(2027, 6, 1)
    back = give_back(timed, spent["id"], 100)
    assert (back["points_restored"], back["balance"]) == (100, {"available": 0, "pending": 0, "owed": 50})


def test_a_late_sale_whose_points_have_ended_pays_no_debt(timed: District, clock: SetClock) -> None:
    clock.moment = local(2028, 6, 1, 9)
    member = timed.member()
    first = sell(timed, member, 10_000)
    spend(timed, member, 100)
    give_back(timed, first["id"], 10_000)
    late = sell(timed, member, 10_000, occurred_at="2027-05-31T09:00:00+08:00")
    assert (late["points_earned"], late["balance"]) == (100, {"available": 0, "pending": 0, "owed": 100})
    live = sell(timed, member, 10_000, occurred_at="2027-06-01T09:00:00+08:00")
    assert live["balance"] == {"available": 0, "pending": 0, "owed": 0}


def test_pending_points_pay_debts_at_once(timed: District, clock: SetClock) -> None:
    clock.moment = local(2027, 5, 1, 12)
    member = timed.member()
    first = sell(timed, member, 10_000)
    spend(timed, member, 100)
    give_back(timed, first["id"], 10_000)
    change_programme(timed, pending_days=30)
    assert sell(timed, member, 15_000)["balance"] == {"available": 0, "pending": 50, "owed": 0}


def test_what_expired_meanwhile_counts_as_given_back(timed: District, clock: SetClock) -> None:
    """Half was spent, half has ended: the half that was spent is owed, in any number of refunds, job or no job."""
    change_programme(timed, expiry={"policy": "months", "months": 1})
    clock.moment = local(2027, 5, 1, 12)
    member = timed.member()
    sale = sell(timed, member, 10_000)
    spend(timed, member, 50)
    clock.moment = local(2027, 6, 2)
    first = give_back(timed, sale["id"], 3_000)
    assert (first["points_reversed"], first["points_owed"]) == (30, 0)
    expire_district(timed.id)
    second = give_back(timed, sale["id"], 7_000)
    assert (second["points_reversed"], second["points_owed"]) == (70, 50)
    assert [(one.expired, one.reclaimed) for one in lots(timed.id, member)] == [(50, 50)]
    assert timed.balance(member)["lifetime"] == {"earned": 100, "spent": 50, "expired": 50}


def test_an_adjustment_ends_as_if_earned_today(timed: District, clock: SetClock) -> None:
    change_programme(timed, expiry={"policy": "year_end", "grace_months": 2}, pending_days=9)
    clock.moment = local(2027, 12, 31, 23, 59)
    member = timed.member()
    adjust(timed, member, 10)
    clock.moment = local(2028, 1, 1)
    adjust(timed, member, 20)
    assert timed.balance(member)["expiring"] == [
        {"on": "2028-02-29", "points": 10},
        {"on": "2029-02-28", "points": 20},
    ]
    assert figures(timed, member) == (30, 0, 0), "by hand there is nothing to wait for"
    adjust(timed, member, -15)
    assert [one["points"] for one in timed.balance(member)["expiring"]] == [15], "what ends first goes first"


def test_who_waited_for_the_lock_over_midnight_counts_as_of_before(timed: District, clock: SetClock) -> None:
    """A sale that began before midnight may be recorded after one that began later: what is told is right for both."""
    midnight, member = local(2027, 6, 10), timed.member()
    clock.moment = midnight - timedelta(days=3)
    change_programme(timed, pending_days=3, expiry={"policy": "never"})
    sale = sell(timed, member, 10_000)
    change_programme(timed, pending_days=0, expiry={"policy": "months", "months": 1})
    sell(timed, member, 5_000, occurred_at="2027-05-09T12:00:00+08:00")
    clock.moment = midnight + timedelta(seconds=1)
    assert sell(timed, member, 100)["balance"] == {"available": 101, "pending": 0, "owed": 0}
    clock.moment = midnight - timedelta(seconds=1)
    assert figures(timed, member) == (50, 101, 0)
    assert give_back(timed, sale["id"], 4_000)["balance"] == {"available": 50, "pending": 61, "owed": 0}
    spend(timed, member, 50)
    assert figures(timed, member) == (0, 61, 0)
    clock.moment = midnight
    assert figures(timed, member) == (61, 0, 0)


def test_what_a_refund_has_counted_as_ended_is_not_spent_by_who_comes_late(timed: District, clock: SetClock) -> None:
    """Who has waited for the lock, or asks another machine, may come with an instant before the end of a lot."""
    change_programme(timed, expiry={"policy": "months", "months": 1})
    clock.moment = local(2027, 3, 10, 12)
    member, erased, merged = (timed.member() for _ in range(3))
    sales = [sell(timed, one, 10_000) for one in (member, erased, merged)]
    clock.moment = local(2027, 4, 11)
    for sale in sales:
        assert give_back(timed, sale["id"], 4_000)["points_owed"] == 0
    clock.moment -= timedelta(seconds=2)
    assert figures(timed, member) == (0, 0, 0)
    assert timed.report(member_id=member, amount=1_000, points_to_spend=1).status == 422
    refused = timed.api.post(f"/v1/members/{member}/points/adjustments", {"points": -1, "reason": "x"}, timed.key)
    assert refused.status == 422
    sell(timed, member, 1_000)
    assert figures(timed, member) == (10, 0, 0)
    timed.api.post(f"/v1/members/{merged}/merge", {"into": member}, timed.key).ok(200)
    assert figures(timed, member) == (10, 0, 0)
    timed.api.delete(f"/v1/members/{erased}", timed.key).ok(200)
    clock.moment += timedelta(seconds=2)
    expire_district(timed.id)
    assert figures(timed, member) == (10, 0, 0)
    assert timed.balance(member)["lifetime"] == {"earned": 210, "spent": 0, "expired": 200}
