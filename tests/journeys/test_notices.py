"""Members are told in good time that points end: 30, 7 and 1 days before, each of it once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from flask import Flask

from app.districts import walking
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.points.purses import notices as announcing
from app.points.purses.lifetimes import add_months
from app.points.tasks import announce_expiring_points
from tests.factories.api import Api
from tests.factories.clock import ago, now
from tests.factories.districts import District, new_district
from tests.factories.webhooks import deliveries, new_endpoint, shop_key, take_all

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def alone(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clocks of these tests go differently: no other district is to be told by them."""
    monkeypatch.setattr(walking, "all_district_ids", lambda uow: [district.id])


def last_day(zone: ZoneInfo = SHANGHAI) -> date:
    """The last day of points earned now."""
    return add_months(now().astimezone(zone).date(), 12)


def noon(day: date, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.combine(day, time(12), zone).astimezone(UTC)


def announce(app: Flask, at: datetime) -> None:
    with app.app_context():
        announce_expiring_points(lambda: at)


def told(district: District) -> list[dict[str, Any]]:
    """Payloads of the notices given, the first one first."""
    rows = district.api.get("/v1/events?type=points.expiring&limit=100", district.key).ok(200)["data"]
    return [row["data"] for row in reversed(rows)]


def notice(member: str, days: int, points: int = 128, on: date | None = None) -> dict[str, Any]:
    return {"member_id": member, "points": points, "on": (on or last_day()).isoformat(), "days": days}


def test_each_stage_is_told_once(app: Flask, district: District) -> None:
    member, without = district.member(), district.member()
    district.report(member_id=member).ok(201)
    district.report(member_id=without, amount=99).ok(201)
    expected = []
    for days in (31, 30, 29, 8, 7, 6, 2, 1, 0, -1):
        for _ in range(2):
            announce(app, noon(last_day() - timedelta(days=days)))
        if days in (30, 7, 1):
            expected.append(notice(member, days))
        assert told(district) == expected, days


@pytest.mark.parametrize(
    ("days", "later"), [(12, (7, 1)), (7, (1,)), (5, (1,)), (1, ()), (0, ()), (-1, ())], ids=lambda one: str(one)
)
def test_what_was_missed_is_caught_up_once(app: Flask, district: District, days: int, later: tuple[int, ...]) -> None:
    member = district.member()
    district.report(member_id=member).ok(201)
    expected = [notice(member, days)] if days >= 0 else []
    announce(app, noon(last_day() - timedelta(days=days)))
    assert told(district) == expected
    for left in later:
        announce(app, noon(last_day() - timedelta(days=left)))
    assert told(district) == expected + [notice(member, left) for left in later]


def test_days_are_those_of_the_district(app: Flask, district: District) -> None:
    member = district.member()
    district.report(member_id=member).ok(201)
    midnight = datetime.combine(last_day() - timedelta(days=30), time(), SHANGHAI).astimezone(UTC)
    announce(app, midnight - timedelta(seconds=1))
    assert told(district) == []
    announce(app, midnight)
    assert told(district) == [notice(member, 30)]


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati"])
def test_and_of_another_clock(api: Api, app: Flask, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    there, clock = new_district(api, time_zone=zone), ZoneInfo(zone)
    monkeypatch.setattr(walking, "all_district_ids", lambda uow: [there.id])
    member = there.member()
    there.report(member_id=member).ok(201)
    announce(app, noon(last_day(clock) - timedelta(days=31), clock))
    assert told(there) == []
    announce(app, noon(last_day(clock) - timedelta(days=30), clock))
    assert told(there) == [notice(member, 30, on=last_day(clock))]
    listed = there.balance(member)["expiring"]
    assert listed == [{"on": last_day(clock).isoformat(), "points": 128}]


def test_webhooks_of_the_alliance_are_told_and_no_shop_s(
    app: Flask, district: District, superuser: psycopg.Connection
) -> None:
    url, key = "https://example.com/hook", shop_key(district)
    own = new_endpoint(district, url, events=["points.expiring"])["id"]
    shop_s = new_endpoint(district, url, key, events=["points.*"])["id"]
    district.report(member_id=district.member()).ok(201)
    announce(app, noon(last_day() - timedelta(days=1)))
    take_all(app, superuser, district.id)
    [event] = district.api.get("/v1/events?type=points.expiring", district.key).ok(200)["data"]
    assert [one["event_id"] for one in deliveries(district, own)] == [event["id"]]
    assert deliveries(district, shop_s, key) == []


def test_points_are_added_up_by_their_last_day(app: Flask, district: District) -> None:
    member = district.member()
    for amount in (1_000, 2_000):
        district.report(member_id=member, amount=amount).ok(201)
    district.report(member_id=member, amount=5_000, occurred_at=ago(days=1)).ok(201)
    announce(app, noon(last_day() - timedelta(days=30)))
    day_before = add_months((now() - timedelta(days=1)).astimezone(SHANGHAI).date(), 12)
    assert sorted(told(district), key=lambda one: one["on"]) == [
        notice(member, (day_before - last_day()).days + 30, 50, day_before),
        notice(member, 30, 30),
    ]


def test_points_that_never_end_or_have_ended_are_not_told(app: Flask, district: District) -> None:
    never = {"expiry": {"policy": "never"}}
    district.report(member_id=district.member(), occurred_at=ago(days=800)).ok(201)
    district.api.call("PATCH", "/v1/programme", never, key=district.key).ok(200)
    district.report(member_id=district.member()).ok(201)
    for days in (30, 7, 1):
        announce(app, noon(last_day() - timedelta(days=days)))
    announce(app, now())
    assert told(district) == []


@pytest.fixture
def small_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets of two members."""
    monkeypatch.setattr(announcing, "MEMBERS_A_SET", 2)


def members_with_points(district: District, count: int) -> list[str]:
    members = sorted(district.member() for _ in range(count))
    for member in members:
        district.report(member_id=member).ok(201)
    return members


Broken = Callable[[], None]


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broken]:
    """Lets every second set end in a crash, after its events are written and before its commit."""
    whole, calls = announcing.announce, iter(range(1_000))

    def crash(*arguments: Any) -> bool:
        is_left = whole(*arguments)
        if next(calls) % 2:
            arguments[0].finish()
            raise ConnectionError("the machine is gone")
        return is_left

    yield lambda: monkeypatch.setattr(announcing, "announce", crash)


@pytest.mark.usefixtures("small_sets")
@pytest.mark.parametrize("count", [3, 4, 7])
def test_a_crash_anywhere_doubles_and_skips_nobody(
    app: Flask, district: District, breaking: Broken, count: int
) -> None:
    members = members_with_points(district, count)
    day = noon(last_day() - timedelta(days=7))
    breaking()
    for _ in range(count + 40):
        try:
            announce(app, day)
        except ConnectionError:
            continue
        break
    assert told(district) == [notice(member, 7) for member in members]


@pytest.mark.usefixtures("small_sets")
def test_several_jobs_at_once_tell_each_member_once(app: Flask, district: District) -> None:
    members = members_with_points(district, 9)
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(announce, app, noon(last_day() - timedelta(days=1))) for _ in range(4)]
        for job in jobs:
            job.result()
    announce(app, noon(last_day() - timedelta(days=1)))  # what a job left that found another at it
    assert sorted(one["member_id"] for one in told(district)) == members


@pytest.mark.usefixtures("small_sets", "context")
def test_a_walk_that_comes_into_the_next_stage_leaves_it_to_that(district: District) -> None:
    members_with_points(district, 3)
    late = announcing.ExpiryNotice(last_day(), 30)
    before, after = (noon(last_day() - timedelta(days=days)) for days in (8, 7))
    principal = system_principal(district.id)
    with unit_of_work(principal, clock=lambda: before) as uow:
        assert late in announcing.begin_notices(uow, SHANGHAI)
        assert announcing.announce(uow, SHANGHAI, late)
    with unit_of_work(principal, clock=lambda: after) as uow:
        assert not announcing.announce(uow, SHANGHAI, late)
        assert announcing.announce(uow, SHANGHAI, announcing.ExpiryNotice(last_day(), 7)) is False  # not begun yet
        assert announcing.ExpiryNotice(last_day(), 7) in announcing.begin_notices(uow, SHANGHAI)
        assert late not in announcing.begin_notices(uow, SHANGHAI)
    assert len(told(district)) == 2


def test_a_district_that_fails_holds_up_no_other(
    app: Flask, api: Api, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = new_district(api)
    member = other.member()
    other.report(member_id=member).ok(201)
    monkeypatch.setattr(walking, "all_district_ids", lambda uow: [f"dis_{'0' * 31}1", other.id])
    with pytest.raises(Exception, match="row"):
        announce(app, noon(last_day() - timedelta(days=30)))
    assert told(other) == [notice(member, 30)]
    assert told(district) == []
