"""A later end holds for all coupons that are out once the call is answered; a job writes it to their rows afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.coupons.bulk.tasks import ask_in_district
from app.coupons.campaigns import putting_off
from app.coupons.issuing import moving
from app.coupons.issuing.tasks import expire_coupons_in_district, move_ends
from app.foundation.clock import parse_instant
from tests.factories.api import Api
from tests.factories.books import broken
from tests.factories.clock import SetClock, ahead
from tests.factories.coupons import campaign_of, change, claim, coupon_of, coupons_of, new_campaign, told
from tests.factories.districts import District
from tests.factories.refunds import give_back
from tests.factories.sandboxes import advance, new_sandbox


class Killed(BaseException):
    """A job's process ends here."""


@pytest.fixture
def street(timed: District, timed_app: Flask) -> Iterator[District]:
    """A district under a clock that is set; its books hold at the end."""
    with timed_app.app_context():
        yield timed
        assert broken(timed.id) == {}


def fixed(street: District, **terms: Any) -> Any:
    """A campaign whose coupons all end in 30 days."""
    return new_campaign(street, validity={"from": ahead(), "to": ahead(days=30)}, **terms)


def put_off(street: District, campaign: Any, days: int) -> str:
    """Its end is put off; says until when."""
    validity = {**campaign["validity"], "to": ahead(days=days)}
    changed: str = change(street, campaign["id"], validity=validity).ok(200)["validity"]["to"]
    return changed


def ends_of(street: District, coupons: list[Any]) -> list[str]:
    return [coupon_of(street, one["code"])["expires_at"] for one in coupons]


def rows(superuser: psycopg.Connection, campaign: Any) -> list[int]:
    """How many coupons have each end in their rows, the earliest first, and how many notes there are of later ends."""
    query = "SELECT count(*) FROM coupons WHERE campaign_id = %s GROUP BY expires_at ORDER BY expires_at"
    notes = "SELECT count(*) FROM later_ends WHERE campaign_id = %s"
    found = [one for asked in (query, notes) for one in superuser.execute(asked, (campaign["id"][-32:],))]
    return [count for (count,) in found]


def test_a_later_end_holds_before_its_job_has_run(
    street: District, clock: SetClock, superuser: psycopg.Connection
) -> None:
    """Members, tills, counts and the job that lets coupons expire know it, beyond the old end too."""
    campaign = fixed(street, budget=100_000)
    clock.go(0)
    made = [claim(street, campaign["id"], street.member()).ok(201) for _ in range(5)]
    sale = street.report(coupons=[made[0]["code"]]).ok(201)
    street.api.post(f"/v1/coupons/{made[1]['code']}/void", {"reason": "误发"}, street.key).ok(200)
    old, later = made[0]["expires_at"], put_off(street, campaign, 60)
    street.api.post(f"/v1/coupons/{made[2]['code']}/void", {"reason": "误发"}, street.key).ok(200)
    assert ends_of(street, made) == [later, old, later, later, later]
    clock.go(31)
    assert expire_coupons_in_district(street.id) == 0
    [shown] = coupons_of(street, made[3]["member_id"])
    assert (shown["status"], shown["expires_at"]) == ("issued", later)
    street.report(coupons=[made[3]["code"]]).ok(201)
    give_back(street, sale["id"], sale["amount"])
    counts = campaign_of(street, campaign["id"])["counts"]
    wanted = {"issued": 5, "redeemed": 1, "expired": 0, "voided": 2, "budget_left": 97_000}
    assert {name: counts[name] for name in wanted} == wanted
    assert (move_ends(street.id, campaign["id"]), ends_of(street, made)) == (2, [later, old, later, later, later])
    assert rows(superuser, campaign) == [1, 4, 0], "the one that was given back had it with that"
    clock.go(61)
    assert expire_coupons_in_district(street.id) == 2
    assert {one["coupon_id"] for one in told(street, "expired")} == {made[0]["id"], made[4]["id"]}


def test_a_job_that_is_killed_is_taken_up_where_it_was(
    street: District, clock: SetClock, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = fixed(street)
    clock.go(0)
    made = [claim(street, campaign["id"], street.member()).ok(201) for _ in range(5)]
    later = put_off(street, campaign, 60)
    monkeypatch.setattr(moving, "COUPONS_A_SET", 2)
    sets: list[str] = []

    def die_in_the_second(_: Any, campaign_id: str) -> None:
        sets.append(campaign_id)
        if len(sets) == 2:
            raise Killed

    with monkeypatch.context() as killing, pytest.raises(Killed):
        killing.setattr(putting_off, "stay_alive", die_in_the_second)
        move_ends(street.id, campaign["id"])
    assert (rows(superuser, campaign), ends_of(street, made)) == ([3, 2, 1], [later] * 5)
    assert ask_in_district(street.id) == 0, "it may still be at work"
    superuser.execute("UPDATE later_ends SET alive_at = alive_at - interval '1 hour'")
    assert ask_in_district(street.id) == 1
    assert [move_ends(street.id, campaign["id"]) for _ in range(2)] == [3, 0]
    assert (rows(superuser, campaign), ends_of(street, made)) == ([5, 0], [later] * 5)
    assert ask_in_district(street.id) == 0


def test_ends_that_are_put_off_again_meanwhile_add_up(street: District, clock: SetClock) -> None:
    """Each change moves what wasn't over by the changes before it; what was over stays over."""
    campaign = new_campaign(street, validity={"days_after_issue": 2}, per_member_limit=None)
    member = street.member()
    made = []
    for day, days_after_issue in ((0, None), (3, 4), (5, 6), (8, 7)):
        clock.go(day)
        if days_after_issue is not None:
            change(street, campaign["id"], validity={"days_after_issue": days_after_issue}).ok(200)
        made.append(claim(street, campaign["id"], member).ok(201))
    before = ends_of(street, made)
    assert [one["status"] for one in coupons_of(street, member)][::-1] == ["expired", "issued", "issued", "issued"]
    assert [end[:10] for end in before[1:]] == [clock_day(clock, after) for after in (2, 4, 7)]
    assert expire_coupons_in_district(street.id) == 1
    assert (move_ends(street.id, campaign["id"]), ends_of(street, made)) == (2, before)


def clock_day(clock: SetClock, days: int) -> str:
    """The day (UTC) on which a local day ends that is so many days ahead."""
    return f"{clock().date().fromordinal(clock().date().toordinal() + days)}"


@pytest.mark.usefixtures("context")
def test_a_test_clock_that_goes_past_the_old_end_lets_nothing_expire_before_the_later_one(api: Api) -> None:
    sandbox = new_sandbox(api)
    campaign = fixed(sandbox)
    made = claim(sandbox, campaign["id"], sandbox.member()).ok(201)
    later = put_off(sandbox, campaign, 60)
    advance(sandbox, days=31)
    assert coupon_of(sandbox, made["code"])["status"] == "issued"
    assert told(sandbox, "expired") == []
    advance(sandbox, days=31)
    [event] = sandbox.api.get("/v1/events?type=coupon.expired", sandbox.key).ok(200)["data"]
    late = parse_instant(event["timestamp"]) - parse_instant(later)
    assert timedelta(0) <= late < timedelta(hours=1), "on the way, at its moment"
