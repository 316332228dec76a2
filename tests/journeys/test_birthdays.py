"""A birthday is given once and corrected once in a year, unless by the alliance: it brings points."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.foundation.clock import format_instant
from tests.factories.api import Api, Reply
from tests.factories.clock import SetClock
from tests.factories.districts import District, new_phone
from tests.factories.problems import check_problem
from tests.factories.shoppers import sign_in, signed_in

FIRST, SECOND, THIRD = "1990-05-01", "1990-05-02", "1990-05-03"


def give(district: District, member: str, birthday: str | None, key: str | None = None, **more: object) -> Reply:
    """Gives or changes a birthday, with the first shop's key unless told otherwise."""
    return district.api.patch(f"/v1/members/{member}", {"birthday": birthday, **more}, key or district.shop.key)


def known(district: District, member: str) -> str | None:
    birthday: str | None = district.api.get(f"/v1/members/{member}", district.key).ok()["birthday"]
    return birthday


def test_a_shop_corrects_a_birthday_once_in_a_year(timed: District, clock: SetClock) -> None:
    member = timed.member(store_id=timed.shop.store_id, name="王芳")
    for birthday in (FIRST, SECOND):
        assert give(timed, member, birthday).ok(200)["birthday"] == birthday
    changed_at = clock()
    clock.set(changed_at + timedelta(days=365, microseconds=-1))
    assert give(timed, member, SECOND).ok(200)["birthday"] == SECOND, "the same is no change"
    for another in (THIRD, None):
        refused = check_problem(give(timed, member, another, name="李雷"), 409, "birthday-fixed")
        assert refused.pointers == {"/birthday"}
        assert format_instant(changed_at + timedelta(days=365)) in refused.body["detail"]
    read = timed.api.get(f"/v1/members/{member}", timed.key).ok()
    assert (read["name"], read["birthday"]) == ("王芳", SECOND)
    clock.set(changed_at + timedelta(days=365))
    assert give(timed, member, THIRD).ok(200)["birthday"] == THIRD
    check_problem(give(timed, member, FIRST), 409, "birthday-fixed")


def test_an_emptied_birthday_is_a_changed_one(timed: District, clock: SetClock) -> None:
    member = timed.member(store_id=timed.shop.store_id, birthday=FIRST)
    assert give(timed, member, None).ok(200)["birthday"] is None
    check_problem(give(timed, member, SECOND), 409, "birthday-fixed")
    assert known(timed, member) is None
    clock.set(clock() + timedelta(days=365))
    assert give(timed, member, SECOND).ok(200)["birthday"] == SECOND


def test_the_alliance_changes_a_birthday_at_any_time(timed: District) -> None:
    member = timed.member(store_id=timed.shop.store_id, birthday=FIRST)
    for birthday in (SECOND, THIRD, None, FIRST):
        assert give(timed, member, birthday, timed.key).ok(200)["birthday"] == birthday
    assert give(timed, member, SECOND).ok(200)["birthday"] == SECOND, "that used up nobody's correction"
    check_problem(give(timed, member, THIRD), 409, "birthday-fixed")
    assert give(timed, member, THIRD, timed.key).ok(200)["birthday"] == THIRD


@pytest.mark.usefixtures("context")
def test_a_member_and_its_shops_have_one_correction_together(district: District, api: Api) -> None:
    member = district.member(store_id=district.shop.store_id)
    token = signed_in(district.id, member).access_token
    assert give(district, member, FIRST, token).ok(200)["birthday"] == FIRST
    assert give(district, member, SECOND, token).ok(200)["birthday"] == SECOND
    for key in (token, district.shop.key):
        check_problem(give(district, member, THIRD, key), 409, "birthday-fixed")
    assert known(district, member) == SECOND


@pytest.mark.usefixtures("context")
def test_who_leaves_and_returns_has_no_other_birthday(district: District, api: Api) -> None:
    phone = new_phone()
    first = sign_in(district, phone)
    give(district, first["member_id"], FIRST, first["access_token"]).ok(200)
    api.delete(f"/v1/members/{first['member_id']}", first["access_token"]).ok(200)
    again = sign_in(district, phone)
    member = again["member_id"]
    assert member != first["member_id"]
    check_problem(give(district, member, SECOND, again["access_token"]), 409, "birthday-fixed")
    assert known(district, member) is None
    assert give(district, member, FIRST, district.key).ok(200)["birthday"] == FIRST


def test_a_merge_renews_no_correction(timed: District, clock: SetClock) -> None:
    old, survivor = (timed.member(store_id=timed.shop.store_id, birthday=FIRST) for _ in range(2))
    give(timed, old, SECOND).ok(200)
    timed.api.post(f"/v1/members/{old}/merge", {"into": survivor}, timed.key).ok(200)
    check_problem(give(timed, survivor, THIRD), 409, "birthday-fixed")
    assert known(timed, survivor) == FIRST
    clock.set(clock() + timedelta(days=365))
    assert give(timed, survivor, THIRD).ok(200)["birthday"] == THIRD


@pytest.mark.usefixtures("context")
def test_of_corrections_at_one_time_one_counts(district: District) -> None:
    member = district.member(store_id=district.shop.store_id, birthday="1990-01-01")
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda day: give(district, member, f"1990-02-{day:02}"), range(1, 7)))
    assert sorted(reply.status for reply in replies) == [200] + [409] * 5
    [done] = [reply.body["birthday"] for reply in replies if reply.status == 200]
    assert known(district, member) == done
