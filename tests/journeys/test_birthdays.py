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
    member = timed.member(key=timed.shop.key, name="王芳")
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
    member = timed.member(key=timed.shop.key, birthday=FIRST)
    assert give(timed, member, None).ok(200)["birthday"] is None
    check_problem(give(timed, member, SECOND), 409, "birthday-fixed")
    assert known(timed, member) is None
    clock.set(clock() + timedelta(days=365))
    assert give(timed, member, SECOND).ok(200)["birthday"] == SECOND


def test_the_alliance_changes_a_birthday_at_any_time(timed: District) -> None:
    member = timed.member(key=timed.shop.key, birthday=FIRST)
    for birthday in (SECOND, THIRD, None, FIRST):
        assert give(timed, member, birthday, timed.key).ok(200)["birthday"] == birthday
    check_problem(give(timed, member, SECOND), 403, "forbidden")
    assert known(timed, member) == FIRST, "a shop has no say once the alliance had one"


@pytest.mark.usefixtures("context")
def test_the_alliance_s_changes_use_up_nobody_s_correction(district: District) -> None:
    member = district.member(birthday=FIRST)
    give(district, member, SECOND, district.key).ok(200)
    token = signed_in(district.id, member).access_token
    assert give(district, member, THIRD, token).ok(200)["birthday"] == THIRD
    check_problem(give(district, member, FIRST, token), 409, "birthday-fixed")
    assert give(district, member, FIRST, district.key).ok(200)["birthday"] == FIRST


@pytest.mark.usefixtures("context")
def test_a_member_has_one_correction_and_its_shops_none_besides(district: District, api: Api) -> None:
    member = district.member(key=district.shop.key)
    token = signed_in(district.id, member).access_token
    assert give(district, member, FIRST, token).ok(200)["birthday"] == FIRST
    assert give(district, member, SECOND, token).ok(200)["birthday"] == SECOND
    check_problem(give(district, member, THIRD, token), 409, "birthday-fixed")
    check_problem(give(district, member, THIRD, district.shop.key), 403, "forbidden")
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


@pytest.mark.usefixtures("context")
def test_a_merge_renews_no_correction(district: District) -> None:
    old, survivor = (district.member(birthday=FIRST) for _ in range(2))
    give(district, old, SECOND, signed_in(district.id, old).access_token).ok(200)
    district.api.post(f"/v1/members/{old}/merge", {"into": survivor}, district.key).ok(200)
    token = signed_in(district.id, survivor).access_token
    check_problem(give(district, survivor, THIRD, token), 409, "birthday-fixed")
    assert known(district, survivor) == FIRST


@pytest.mark.usefixtures("context")
def test_of_corrections_at_one_time_one_counts(district: District) -> None:
    member = district.member(key=district.shop.key, birthday="1990-01-01")
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda day: give(district, member, f"1990-02-{day:02}"), range(1, 7)))
    assert sorted(reply.status for reply in replies) == [200] + [409] * 5
    [done] = [reply.body["birthday"] for reply in replies if reply.status == 200]
    assert known(district, member) == done
