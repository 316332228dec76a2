"""Nobody becomes somebody else by a merchant's key, and no change of phones earns a welcome twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.api import Api
from tests.factories.clock import SetClock
from tests.factories.codes import phone_of, resolve
from tests.factories.districts import District, new_phone
from tests.factories.members import enrol, find
from tests.factories.points import base_rule, bonus, new_version
from tests.factories.problems import check_problem
from tests.factories.shoppers import MEMBERSHIP, ask, code_of, prove, sign_in, signed_in

pytestmark = pytest.mark.usefixtures("context")
WELCOME = (base_rule(), bonus("welcome", 500, conditions={"first_in_district": True}))
OPENID = [{"kind": "wechat_openid", "value": "oAttacker"}]
CHANGES: list[dict[str, Any]] = [
    {"phone": "13800138000", "reason": "x"},
    {"name": "x"},
    {"birthday": "2000-01-01"},
    {"identities": OPENID},
    {"name": "x", "phone": "13800138000", "reason": "x"},
]


def person(district: District, member: str) -> Any:
    told = district.api.get(f"/v1/members/{member}/export", district.key).ok(200)
    return {name: told[name] for name in ("phone", "identities")} | {
        name: told["member"][name] for name in ("name", "birthday", "tags", "masked_phone")
    }


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: "+".join(one))
@pytest.mark.parametrize("is_proven", [False, True], ids=["named", "proven"])
def test_a_merchant_changes_nobody_whom_it_didn_t_enrol(
    district: District, change: dict[str, Any], is_proven: bool
) -> None:
    """Neither naming a member nor its own proof lets a merchant set its phone, name, birthday or identities."""
    phone, key = new_phone(), district.shop.key
    member = enrol(district, phone=phone, name="王芳").ok(201)["id"]
    enrol(district, key, phone=phone).ok(200)
    if is_proven:
        resolve(district, phone_of(district, member).code()).ok(200)
    before = person(district, member)
    refused = check_problem(district.api.patch(f"/v1/members/{member}", change, key), 403, "forbidden")
    assert refused.pointers == ({"/phone"} if "phone" in change else {f"/{name}" for name in change})
    assert person(district, member) == before
    assert find(district, phone) == [member]


def test_enrolling_a_known_phone_attaches_nothing(district: District) -> None:
    """Name, birthday and identities that come with a known phone are left out, and so are consents to the district."""
    phone = new_phone()
    member = sign_in(district, phone)["member_id"]
    before = person(district, member)
    body = {"phone": phone, "name": "x", "birthday": "2000-01-01", "identities": OPENID, "consents": [MEMBERSHIP]}
    told = district.api.post("/v1/members", body, district.shop.key).ok(200)
    assert told.keys() == {"object", "id", "masked_phone"}
    [result] = district.api.post("/v1/members/batch", {"members": [body]}, district.shop.key).ok()["results"]
    assert result["member"] == told
    assert person(district, member) == before
    consents = district.api.get(f"/v1/members/{member}/export", district.key).ok()["consents"]
    assert len(consents) == 1


def test_an_identity_that_was_attached_to_nobody_is_free(district: District) -> None:
    """Who could be found by the attacker's own id before can't be afterwards, and the id isn't taken."""
    phone = new_phone()
    enrol(district, phone=phone).ok(201)
    enrol(district, district.shop.key, phone=phone, identities=OPENID).ok(200)
    enrol(district, identities=OPENID).ok(201)


def test_whom_a_merchant_enrolled_is_its_to_describe_until_the_member_comes(district: District) -> None:
    """Name, birthday and identities of a newly enrolled phone may be mended, its phone never; a sign-in ends that."""
    key, phone = district.shop.key, new_phone()
    member = enrol(district, key, phone=phone).ok(201)["id"]
    path = f"/v1/members/{member}"
    district.api.patch(path, {"name": "王芳", "birthday": "1990-05-01", "identities": OPENID}, key).ok(200)
    check_problem(district.api.patch(path, {"phone": new_phone(), "reason": "x"}, key), 403, "forbidden")
    assert sign_in(district, phone)["member_id"] == member
    before = person(district, member)
    for change in CHANGES:
        check_problem(district.api.patch(path, change, key), 403, "forbidden")
    assert person(district, member) == before


def test_the_old_way_in_is_shut(district: District, api: Api) -> None:
    """A till that enrols a known phone, moves it and signs in as that member doesn't get there, and spends nothing."""
    phone, own = new_phone(), new_phone()
    victim = sign_in(district, phone)["member_id"]
    district.report(member_id=victim).ok(201)
    enrol(district, district.shop.key, phone=phone).ok(200)
    check_problem(
        api.patch(f"/v1/members/{victim}", {"phone": own, "reason": "x"}, district.shop.key), 403, "forbidden"
    )
    assert sign_in(district, own)["member_id"] != victim
    assert district.balance(victim)["available"] == 128


def earned(district: District, member: str) -> int:
    return int(district.report(member_id=member).ok(201)["points_earned"])


def moved_by_itself(district: District, member: str, phone: str) -> None:
    token = signed_in(district.id, member).access_token
    new, old = ({"challenge": one, "code": code_of(one)} for one in (ask(district, new_phone()), ask(district, phone)))
    district.api.post("/v1/me/phone", {**new, "old": old}, token).ok(200)


def moved_by_the_alliance(district: District, member: str, phone: str) -> None:
    district.api.patch(f"/v1/members/{member}", {"phone": new_phone(), "reason": "lost"}, district.key).ok(200)


def moved_there_and_back(district: District, member: str, phone: str) -> None:
    moved_by_the_alliance(district, member, phone)
    district.api.patch(f"/v1/members/{member}", {"phone": phone, "reason": "lost"}, district.key).ok(200)
    moved_by_the_alliance(district, member, phone)


def erased(district: District, member: str, phone: str) -> None:
    district.api.delete(f"/v1/members/{member}", district.key).ok(200)


def erased_after_moving(district: District, member: str, phone: str) -> None:
    moved_by_the_alliance(district, member, phone)
    erased(district, member, phone)


def merged_and_erased(district: District, member: str, phone: str) -> None:
    survivor = district.member()
    district.api.post(f"/v1/members/{member}/merge", {"into": survivor}, district.key).ok(200)
    erased(district, survivor, phone)


LEAVING = [moved_there_and_back, erased, erased_after_moving, merged_and_erased, moved_by_the_alliance]


@pytest.mark.parametrize("leave", LEAVING)
@pytest.mark.parametrize("join", ["key", "sign-in"])
def test_a_number_let_go_brings_no_second_welcome(district: District, leave: Any, join: str) -> None:
    """However a phone leaves its member, who joins by it within a year is nobody's first customer."""
    new_version(district, *WELCOME)
    phone = new_phone()
    first = district.member(phone)
    assert earned(district, first) == 628
    leave(district, first, phone)
    second = district.member(phone) if join == "key" else sign_in(district, phone)["member_id"]
    assert second != first
    assert earned(district, second) == 128


@pytest.mark.usefixtures("timed_app")
def test_a_recycled_number_brings_no_second_welcome(timed: District, clock: SetClock) -> None:
    """Whoever joins by a number released after a long silence counts as returned, too."""
    new_version(timed, *WELCOME)
    phone = new_phone()
    first = timed.member(phone)
    assert earned(timed, first) == 628
    clock.go(200)
    second = prove(timed, ask(timed, phone), consents=[MEMBERSHIP]).ok(200)["member_id"]
    assert second != first
    assert earned(timed, second) == 128


def test_a_phone_moved_by_its_member_brings_no_second_welcome(district: District) -> None:
    """The member's own change of phone leaves a trace as well."""
    new_version(district, *WELCOME)
    phone = new_phone()
    first = sign_in(district, phone)["member_id"]
    assert earned(district, first) == 628
    moved_by_itself(district, first, phone)
    assert earned(district, sign_in(district, phone)["member_id"]) == 128
