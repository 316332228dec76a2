"""Staff: invited, signed in, in a role, with a second factor; and how that ends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.api import Api
from tests.factories.districts import District, new_phone
from tests.factories.problems import check_problem
from tests.factories.shoppers import code_of
from tests.factories.staff import PASSWORD, accept, hire, invite, new_email, secret_of, with_phone

pytestmark = pytest.mark.usefixtures("context")


def test_a_person_is_invited_signs_in_and_works(district: District, api: Api) -> None:
    login = new_email()
    invitation = invite(district, "alliance_viewer", login=login).ok(201)
    assert invitation["login"] == f"w***@{login.partition('@')[2]}"
    opened = accept(api, invitation["url"]).ok(201)
    assert (opened["district_id"], opened["wants"]) == (district.id, None)
    assert api.get("/v1/merchants", opened["access_token"]).ok(200)["data"]
    again = api.post("/v1/staff/sessions", {"login": login, "password": PASSWORD}, None).ok(201)
    me = api.get("/v1/staff/me", again["access_token"]).ok(200)
    assert [place["role"] for place in me["places"]] == ["alliance_viewer"]


def test_a_role_with_powers_wants_a_second_factor_first(district: District, api: Api) -> None:
    person = hire(district, strong=False)
    check_problem(person.call("GET", "/v1/api-keys"), 403, "second-factor-required")
    codes = person.set_up_totp()
    assert len(set(codes)) == 10
    assert person.call("GET", "/v1/api-keys").ok(200)["data"]
    waiting = api.post("/v1/staff/sessions", {"login": person.login, "password": PASSWORD}, None).ok(202)
    assert waiting["second_factors"] == ["otp", "recovery_code"]
    given = {"token": waiting["token"], "recovery_code": codes[0].upper()}
    opened = api.post("/v1/staff/sessions/second-factor", given, None).ok(201)
    assert api.get("/v1/api-keys", opened["access_token"]).ok(200)
    assert person.sign_in().ok(201)["wants"] is None


def test_what_staff_does_stands_in_the_audit_log_under_its_name(district: District) -> None:
    person = hire(district)
    made = person.call("POST", "/v1/merchants", {"name": "茶", "code": "T1"}).ok(201)
    path = f"/v1/audit-entries?action=merchant.created&subject_id={made['id']}"
    [entry] = district.api.get(path, district.key).ok(200)["data"]
    assert entry["actor"] == {"kind": "staff", "id": person.account_id}


def test_a_forgotten_password_is_set_anew_by_a_code(district: District, api: Api) -> None:
    person = with_phone(district, "alliance_viewer", strong=False)
    challenge = api.post("/v1/staff/codes", {"login": person.login}, None).ok(202)["challenge"]
    body = {"challenge": challenge, "code": code_of(challenge), "password": "another horse entirely"}
    api.post("/v1/staff/password-resets", body, None).ok(200)
    person.password = "another horse entirely"
    person.sign_in().ok(201)


def test_a_code_to_the_phone_signs_in(district: District, api: Api) -> None:
    person = with_phone(district, "alliance_viewer", strong=False)
    challenge = api.post("/v1/staff/codes", {"login": person.login}, None).ok(202)["challenge"]
    opened = api.post("/v1/staff/sessions/by-code", {"challenge": challenge, "code": code_of(challenge)}, None).ok(201)
    assert (opened["account_id"], opened["district_id"]) == (person.account_id, district.id)
    assert api.get("/v1/merchants", opened["access_token"]).ok(200)


def twice(api: Api, path: str, body: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    """What a call is answered that is sent twice under one key."""
    first, second = (api.post(path, body, token, "once") for _ in range(2))
    assert (second.status, second.body) == (first.status, first.body)
    assert second.headers["Idempotent-Replayed"] == "true"
    return dict(first.body)


def test_sign_ins_that_are_sent_twice_are_done_once(district: District, api: Api) -> None:
    url = invite(district, "alliance_viewer", login=(login := new_phone())).ok(201)["url"]
    body = {"invitation": secret_of(url), "password": PASSWORD}
    opened = twice(api, "/v1/staff/invitations/accept", body)
    other = {**body, "password": "another horse entirely"}
    check_problem(api.post("/v1/staff/invitations/accept", other, None, "once"), 422, "idempotency-key-reused")
    challenge = api.post("/v1/staff/codes", {"login": login}, None).ok(202)["challenge"]
    body = {"challenge": challenge, "code": code_of(challenge)}
    by_code = twice(api, "/v1/staff/sessions/by-code", body)
    assert by_code["district_id"] == district.id
    sessions = api.get("/v1/staff/sessions", by_code["access_token"]).ok(200)["data"]
    assert {one["id"] for one in sessions} == {opened["id"], by_code["id"]}


def test_a_sign_in_that_waits_and_is_sent_twice_waits_once(district: District, api: Api) -> None:
    person = with_phone(district)
    challenge = api.post("/v1/staff/codes", {"login": person.login}, None).ok(202)["challenge"]
    body = {"challenge": challenge, "code": code_of(challenge)}
    waiting = twice(api, "/v1/staff/sessions/by-code", body)
    given = {"token": waiting["token"], "otp": person.otp()}
    assert api.post("/v1/staff/sessions/second-factor", given, None).ok(201)["district_id"] == district.id


def test_a_role_that_is_taken_up_twice_is_taken_once(district: District, other_district: District) -> None:
    person = hire(district, "alliance_viewer", strong=False)
    url = invite(other_district, "alliance_viewer", login=person.login).ok(201)["url"]
    path, body = "/v1/staff/me/invitations", {"invitation": secret_of(url)}
    moved = person.api.post(path, body, person.token, "once").ok(201)
    again = person.api.post(path, body, moved["access_token"], "once")
    assert (again.ok(201), again.headers["Idempotent-Replayed"]) == (moved, "true")
    assert moved["district_id"] == other_district.id


def test_a_second_factor_is_reset_once_under_a_key(district: District) -> None:
    admin, person = hire(district), hire(district)
    path = f"/v1/staff/{person.account_id}/second-factor/reset"
    admin.api.post(path, {}, admin.token, "once").ok(200)
    person.secret = None
    person.sign_in().ok(201)
    person.set_up_totp()
    again = admin.api.post(path, {}, admin.token, "once")
    assert (again.ok(200)["id"], again.headers["Idempotent-Replayed"]) == (person.account_id, "true")
    assert person.call("GET", "/v1/staff/me").ok(200)["second_factors"] == ["otp", "recovery_code"]


def test_somebody_works_for_two_districts_one_at_a_time(district: District, other_district: District, api: Api) -> None:
    person = hire(district, "alliance_viewer", strong=False)
    url = invite(other_district, "alliance_viewer", login=person.login).ok(201)["url"]
    check_problem(accept(api, url), 409, "login-known")
    moved = person.call("POST", "/v1/staff/me/invitations", {"invitation": secret_of(url)}).ok(201)
    assert moved["district_id"] == other_district.id
    names = [one["id"] for one in api.get("/v1/merchants", moved["access_token"]).ok(200)["data"]]
    assert district.shop.merchant_id not in names
    opened = person.sign_in().ok(201)
    assert (opened["district_id"], opened["wants"]) == (None, "district")
    check_problem(person.call("GET", "/v1/merchants"), 403, "district-not-chosen")
    person.token = person.call("POST", "/v1/staff/me/district", {"district": district.slug}).ok(201)["access_token"]
    assert person.call("GET", f"/v1/merchants/{district.shop.merchant_id}").ok(200)
