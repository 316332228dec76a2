"""Accounts of staff hold against guessing, stolen sessions, replays and whoever wants more than its role."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from unittest import mock

import psycopg
import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app
from app.signin.tasks import send_waiting_codes
from app.sms.inbox import Inbox
from app.staff.hashing import PASSWORDS, WAITING
from app.staff.hashing_hand import Worker
from tests.factories.api import Api, Reply
from tests.factories.callers import Making, making, new_address
from tests.factories.districts import District, new_district, new_phone
from tests.factories.passkeys import SoftKey, add_passkey
from tests.factories.problems import check_problem
from tests.factories.processes import wait_until
from tests.factories.shoppers import MEMBERSHIP, code_of
from tests.factories.staff import PASSWORD, Person, accept, hire, invite, new_email, secret_of, with_phone

pytestmark = pytest.mark.usefixtures("context")
WRONG = "not this one at all"


@pytest.fixture
def limited(settings: Settings) -> Making:
    return making(settings)


def sign_in_from(district: District, login: str, password: str, address: str | None = None) -> Reply:
    """Tries a password, from an address of its own unless one is named."""
    headers = {"X-Forwarded-For": address or new_address()}
    body = {"login": login, "password": password}
    return district.api.call("POST", "/v1/staff/sessions", body, key=None, headers=headers)


def ends(person: Person, token: str) -> bool:
    """Whether a token stops, once no process trusts it any more."""
    return wait_until(lambda: person.api.get("/v1/staff/me", token).status == 401)


def test_a_stolen_session_ends_when_the_password_changes(district: District) -> None:
    """Whoever changes the password is signed in still, and nobody else is."""
    person = hire(district, "alliance_viewer", strong=False)
    stolen = person.token
    person.sign_in().ok(201)
    change = {"old_password": PASSWORD, "password": "another horse entirely"}
    person.call("POST", "/v1/staff/me/password", change).ok(200)
    assert ends(person, stolen)
    person.call("GET", "/v1/staff/me").ok(200)


def test_a_stolen_session_changes_no_password(district: District) -> None:
    """Without the old password there is no new one."""
    person = hire(district, "alliance_viewer", strong=False)
    change = {"old_password": WRONG, "password": "another horse entirely"}
    check_problem(person.call("POST", "/v1/staff/me/password", change), 422, "sign-in-refused")
    person.sign_in().ok(201)


def test_a_session_ends_when_its_role_does(district: District, api: Api) -> None:
    """Taking a role away takes its sessions along."""
    admin, viewer = hire(district), hire(district, "alliance_viewer", strong=False)
    admin.call("DELETE", f"/v1/staff/{viewer.account_id}").ok(200)
    assert ends(viewer, viewer.token)
    assert viewer.sign_in().ok(201)["wants"] == "district"
    check_problem(viewer.call("GET", "/v1/merchants"), 403, "district-not-chosen")


def test_what_a_stolen_screen_may_not_do(district: District, superuser: psycopg.Connection) -> None:
    """Keys, staff, rules and exports want the password of the last five minutes; the session alone reads on."""
    admin, member = hire(district), district.member()
    superuser.execute(
        "UPDATE staff_sessions SET proven_at = proven_at - interval '5 minutes' WHERE account_id = %s",
        (admin.account_id[-32:],),
    )
    for method, path, body in (
        ("POST", "/v1/api-keys", {"name": "mine"}),
        ("POST", "/v1/staff/invitations", {"name": "x", "login": new_email(), "role": "alliance_admin"}),
        ("GET", f"/v1/members/{member}/export", None),
        ("POST", "/v1/staff/me/totp", None),
    ):
        check_problem(admin.call(method, path, body), 403, "step-up-required")
    check_problem(admin.call("POST", "/v1/staff/me/step-up", {"password": WRONG}), 422, "sign-in-refused")
    admin.call("GET", "/v1/api-keys").ok(200)
    admin.step_up()
    admin.call("GET", f"/v1/members/{member}/export").ok(200)


def test_guessing_a_password_is_stopped_and_shuts_the_owner_out_of_nothing(limited: Making) -> None:
    """Strangers use up tries of their own; from where it works the owner signs in, and by a code from anywhere."""
    limits = {"wrong_passwords_per_login": "3 per hour", "wrong_passwords_by_strangers": "5 per hour"}
    district, office = limited(**limits), new_address()
    person = with_phone(district, "alliance_viewer", strong=False)
    sign_in_from(district, person.login, PASSWORD, office).ok(201)
    stranger = new_address()
    for _ in range(3):
        check_problem(sign_in_from(district, person.login, WRONG, stranger), 422, "sign-in-refused")
    check_problem(sign_in_from(district, person.login, PASSWORD, stranger), 429, "rate-limited")
    for _ in range(2):
        check_problem(sign_in_from(district, person.login, WRONG), 422, "sign-in-refused")
    check_problem(sign_in_from(district, person.login, PASSWORD), 429, "rate-limited")
    sign_in_from(district, person.login, PASSWORD, office).ok(201)
    challenge = district.api.post("/v1/staff/codes", {"login": person.login}, None).ok(202)["challenge"]
    body = {"challenge": challenge, "code": code_of(challenge)}
    district.api.post("/v1/staff/sessions/by-code", body, None).ok(201)


def test_logins_can_t_be_told_apart(limited: Making) -> None:
    """The same words for an account and for none, the same limits, and a password compared either way."""
    district = limited(wrong_passwords_per_login="2 per hour")
    person = hire(district, "alliance_viewer", strong=False)
    told = []
    for login in (person.login, new_email()):
        with mock.patch.object(Worker, "is_right", autospec=True, side_effect=Worker.is_right) as compared:
            refused = sign_in_from(district, login, WRONG)
        assert compared.call_count == 1
        told.append({name: one for name, one in refused.body.items() if name != "request_id"})
    assert told[0] == told[1]


def test_strangers_have_codes_sent_to_nobody(settings: Settings, app: Flask) -> None:
    """Asked for is any login's code, with one answer; it leaves only for an account's."""
    district = new_district(Api.inside(create_app(replace(settings, mail_sender="inbox")), settings.operator_key))
    inbox = Inbox(settings.sms_inbox_file)
    person = with_phone(district, "alliance_viewer", strong=False)
    told = []
    for login in (person.login, new_phone(), new_email()):
        reply = district.api.post("/v1/staff/codes", {"login": login}, None)
        told.append((reply.status, set(reply.body), len(reply.ok(202)["challenge"])))
    with app.app_context():
        send_waiting_codes()
    assert told[0] == told[1] == told[2]
    assert inbox.newest(person.login)[0]["code"]
    assert inbox.newest(login) == []


def test_whoever_is_told_to_come_again_has_used_up_no_try(limited: Making) -> None:
    """In a rush nobody is shut out: what wasn't looked at counts as nothing."""
    district, office = limited(wrong_passwords_per_login="2 per hour"), new_address()
    person = hire(district, "alliance_viewer", strong=False)
    with ExitStack() as crowd:
        for _ in range(1 + WAITING):
            crowd.callback(PASSWORDS._places.release)
            assert PASSWORDS._places.acquire(blocking=False)
        for _ in range(4):
            refused = check_problem(sign_in_from(district, person.login, PASSWORD, office), 503, "busy")
            assert int(refused.headers["Retry-After"]) >= 1
    sign_in_from(district, person.login, PASSWORD, office).ok(201)


def test_an_invitation_works_once(district: District, api: Api) -> None:
    """The second who comes with a link gets nothing, whoever that is."""
    url = invite(district, "alliance_viewer").ok(201)["url"]
    accept(api, url).ok(201)
    check_problem(accept(api, url), 422, "invitation-over")
    other = hire(district, "alliance_viewer", strong=False)
    taken = other.call("POST", "/v1/staff/me/invitations", {"invitation": secret_of(url)})
    check_problem(taken, 422, "invitation-over")


def test_an_invitation_is_for_its_login(district: District, other_district: District) -> None:
    """A link that was handed on gives its role to no other account."""
    person = hire(district, "alliance_viewer", strong=False)
    url = invite(other_district, "alliance_admin").ok(201)["url"]
    refused = person.call("POST", "/v1/staff/me/invitations", {"invitation": secret_of(url)})
    check_problem(refused, 403, "forbidden")
    assert len(person.call("GET", "/v1/staff/me").ok(200)["places"]) == 1


def test_an_invitation_ends_after_three_days(district: District, api: Api, superuser: psycopg.Connection) -> None:
    """And withdrawn ones at once."""
    late, withdrawn = (invite(district, "alliance_viewer").ok(201) for _ in range(2))
    superuser.execute("UPDATE staff_invitations SET expires_at = now() WHERE id = %s", (late["id"][-32:],))
    api.delete(f"/v1/staff/invitations/{withdrawn['id']}", district.key).ok(200)
    for one in (late, withdrawn):
        check_problem(accept(api, one["url"]), 422, "invitation-over")


def test_nobody_gives_a_role_that_is_more_than_its_own(district: District) -> None:
    """Neither by invitation, nor by a change, nor to itself; nor takes one away."""
    manager, admin = hire(district, "merchant_manager"), hire(district)
    more = {"name": "x", "login": new_email()}
    for role in ("alliance_admin", "alliance_operator", "alliance_viewer"):
        check_problem(manager.call("POST", "/v1/staff/invitations", {**more, "role": role}), 403, "forbidden")
        own = f"/v1/staff/{manager.account_id}"
        check_problem(manager.call("PATCH", own, {"role": role}), 403, "forbidden")
    check_problem(manager.call("DELETE", f"/v1/staff/{admin.account_id}"), 404, "not-found")
    check_problem(manager.call("PATCH", f"/v1/staff/{admin.account_id}", {"role": "alliance_viewer"}), 403)
    assert admin.call("GET", f"/v1/staff/{admin.account_id}").ok(200)["role"] == "alliance_admin"
    operator = manager.call("POST", "/v1/staff/invitations", {**more, "role": "operator"})
    check_problem(operator, 422, "validation-failed")


def test_a_manager_manages_its_own_merchant(district: District) -> None:
    """Cashiers and managers of its own; other merchants' people are like none, and so are other shops."""
    manager, shop, other = hire(district, "merchant_manager"), district.shop, district.other_shop
    foreign = hire(district, "merchant_manager", strong=False, merchant_id=other.merchant_id)
    hire(district, "cashier", strong=False, key=manager.token)
    for place in ({"role": "cashier", "store_id": other.store_id},):
        refused = manager.call("POST", "/v1/staff/invitations", {"name": "x", "login": new_email(), **place})
        check_problem(refused, 404, "not-found")
    check_problem(manager.call("GET", f"/v1/staff/{foreign.account_id}"), 404)
    check_problem(manager.call("DELETE", f"/v1/staff/{foreign.account_id}"), 404)
    listed = manager.call("GET", "/v1/staff").ok(200)["data"]
    assert {one["merchant_id"] for one in listed} == {shop.merchant_id}


def test_a_role_of_one_district_is_none_in_another(district: District, other_district: District) -> None:
    """Ids of another district lead nowhere, and its slug can't be chosen."""
    admin, foreign = hire(district), hire(other_district)
    check_problem(admin.call("GET", f"/v1/staff/{foreign.account_id}"), 404)
    check_problem(admin.call("DELETE", f"/v1/staff/{foreign.account_id}"), 404)
    check_problem(admin.call("POST", f"/v1/staff/{foreign.account_id}/second-factor/reset"), 404)
    check_problem(admin.call("POST", "/v1/staff/me/district", {"district": other_district.slug}), 404)
    foreign.call("GET", "/v1/api-keys").ok(200)


def test_the_last_admin_can_t_be_removed_even_by_two_at_once(district: District, app: Flask) -> None:
    """Two admins take each other's role at one moment: one stays."""
    pair = [hire(district), hire(district)]

    def remove(one: Person, other: Person) -> Reply:
        return one.call("DELETE", f"/v1/staff/{other.account_id}")

    with ThreadPoolExecutor(2) as threads:
        replies = list(threads.map(remove, pair, pair[::-1]))
    assert sorted(one.status for one in replies) in ([200, 409], [200, 401], [200, 403])
    left = district.api.get("/v1/staff?role=alliance_admin", district.key).ok(200)["data"]
    assert len(left) == 1
    check_problem(district.api.delete(f"/v1/staff/{left[0]['id']}", district.key), 409, "last-admin")
    demoted = district.api.patch(f"/v1/staff/{left[0]['id']}", {"role": "alliance_viewer"}, district.key)
    check_problem(demoted, 409, "last-admin")


def test_a_code_of_an_authenticator_works_once(district: District, api: Api) -> None:
    """Who has looked over a shoulder is too late."""
    person = hire(district)
    code = person.otp()
    person.sign_in(otp=code).ok(201)
    check_problem(person.sign_in(otp=code), 422, "invalid-code")


def test_a_code_on_paper_works_once(district: District, api: Api) -> None:
    """And stands for nobody else's second factor."""
    person, other = hire(district, strong=False), hire(district)
    [code, *_] = person.set_up_totp()
    for who, status in ((other, 422), (person, 201), (person, 422)):
        waiting = api.post("/v1/staff/sessions", {"login": who.login, "password": PASSWORD}, None).ok(202)
        given = {"token": waiting["token"], "recovery_code": code}
        assert api.post("/v1/staff/sessions/second-factor", given, None).status == status


def test_five_wrong_second_factors_end_a_sign_in(district: District, api: Api) -> None:
    """The right one comes too late then."""
    person = hire(district)
    waiting = api.post("/v1/staff/sessions", {"login": person.login, "password": PASSWORD}, None).ok(202)
    for _ in range(5):
        wrong = api.post("/v1/staff/sessions/second-factor", {"token": waiting["token"], "otp": "000000"}, None)
        check_problem(wrong, 422, "invalid-code")
    late = {"token": waiting["token"], "otp": person.otp()}
    check_problem(api.post("/v1/staff/sessions/second-factor", late, None), 422, "sign-in-refused")


def test_a_sign_in_that_waits_opens_nothing(district: District, api: Api) -> None:
    """Its token is no session's."""
    person = hire(district)
    waiting = api.post("/v1/staff/sessions", {"login": person.login, "password": PASSWORD}, None).ok(202)
    check_problem(api.get("/v1/staff/me", waiting["token"]), 401, "unauthorized")


def test_a_passkey_answers_for_its_own_account_site_and_question(district: District, api: Api) -> None:
    """Not for another's, nor another site's, nor twice."""
    person = hire(district, strong=False)
    key, foreign = add_passkey(person), SoftKey()
    body = {"login": person.login, "password": PASSWORD}
    asked = api.post("/v1/staff/sessions", body, None).ok(202)
    for bad in (foreign, _elsewhere(key)):
        waiting = api.post("/v1/staff/sessions", body, None).ok(202)
        given = {"token": waiting["token"], "passkey": bad.proven(waiting["passkey_options"])}
        check_problem(api.post("/v1/staff/sessions/second-factor", given, None), 422, "invalid-code")
    stale = key.proven(asked["passkey_options"])
    waiting = api.post("/v1/staff/sessions", body, None).ok(202)
    given = {"token": waiting["token"], "passkey": stale}
    check_problem(api.post("/v1/staff/sessions/second-factor", given, None), 422, "invalid-code")
    waiting = api.post("/v1/staff/sessions", body, None).ok(202)
    given = {"token": waiting["token"], "passkey": key.proven(waiting["passkey_options"])}
    api.post("/v1/staff/sessions/second-factor", given, None).ok(201)


def _elsewhere(key: SoftKey) -> SoftKey:
    """The same key at another site."""
    copy = SoftKey("https://evil.example", "evil.example")
    copy.id, copy._secret = key.id, key._secret
    return copy


def test_the_last_second_factor_of_a_role_that_needs_one_stays(district: District) -> None:
    """Nobody strips an account of it, its owner included."""
    person = hire(district)
    check_problem(person.call("DELETE", "/v1/staff/me/totp"), 409, "last-factor")
    assert person.call("GET", "/v1/staff/me").ok(200)["second_factors"] == ["otp", "recovery_code"]


def test_a_second_factor_that_was_taken_away_is_told(district: District, other_district: District) -> None:
    """An admin resets it for who works nowhere else; the owner hears of it, and its sessions end."""
    admin, person = hire(district), hire(district, "merchant_manager")
    old = person.token
    admin.call("POST", f"/v1/staff/{person.account_id}/second-factor/reset").ok(200)
    assert ends(person, old)
    person.secret = None
    assert person.sign_in().ok(201)["wants"] == "second-factor"
    [notice] = person.call("GET", "/v1/staff/me").ok(200)["notices"]
    assert (notice["kind"], notice["actor_id"]) == ("second-factor-reset", admin.account_id)
    entries = district.api.get("/v1/audit-entries?action=staff.second_factor_reset", district.key).ok(200)["data"]
    assert [one["actor"]["id"] for one in entries] == [admin.account_id]
    url = invite(other_district, "alliance_viewer", login=person.login).ok(201)["url"]
    person.call("POST", "/v1/staff/me/invitations", {"invitation": secret_of(url)}).ok(201)
    refused = admin.call("POST", f"/v1/staff/{person.account_id}/second-factor/reset")
    check_problem(refused, 409, "account-elsewhere")


def test_a_code_of_staff_makes_no_shopper_and_a_shopper_s_no_staff(district: District, api: Api) -> None:
    """The two ways in don't meet, though the phone is one."""
    person = with_phone(district, "alliance_viewer", strong=False)
    of_staff = api.post("/v1/staff/codes", {"login": person.login}, None).ok(202)["challenge"]
    body = {"challenge": of_staff, "code": code_of(of_staff)}
    joined = api.post("/v1/auth/tokens", {**body, "consents": [MEMBERSHIP]}, None)
    check_problem(joined, 422, "invalid-code")
    asked = api.post("/v1/auth/codes", {"district": district.id, "phone": person.login}, None).ok(202)["challenge"]
    body = {"challenge": asked, "code": code_of(asked)}
    check_problem(api.post("/v1/staff/sessions/by-code", body, None), 422, "invalid-code")


@pytest.mark.parametrize("password", ["short", "1234567890", "password123", "qwertyuiop", "aaaaaaaaaaaa"])
def test_a_password_that_everybody_tries_is_none(district: District, api: Api, password: str) -> None:
    """Ten characters, and not among those that are guessed first; the invitation stays open."""
    url = invite(district, "alliance_viewer").ok(201)["url"]
    refused = check_problem(accept(api, url, password), 422, "validation-failed")
    assert refused.pointers == {"/password"}
    accept(api, url).ok(201)
