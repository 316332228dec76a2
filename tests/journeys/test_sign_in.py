"""Sign-in of shoppers: a code by SMS, joining by it, sessions that go on and end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app
from app.foundation.problems import NotFound
from tests.factories.api import Api, Reply
from tests.factories.checksums import checksums
from tests.factories.codes import phone_of, resolve
from tests.factories.districts import District, new_phone
from tests.factories.lists import events
from tests.factories.members import find
from tests.factories.problems import check_problem
from tests.factories.shoppers import MEMBERSHIP, ask, code_of, prove, sign_in, signed_in, stops, wrong_code

pytestmark = pytest.mark.usefixtures("context")


def test_a_member_signs_in_with_a_code(district: District, api: Api) -> None:
    phone = new_phone()
    member = district.member(phone)
    tokens = prove(district, ask(district, phone)).ok(200)
    assert (tokens["member_id"], tokens["token_type"]) == (member, "Bearer")
    assert tokens["expires_in"] == 3600
    assert api.get("/v1/me", tokens["access_token"]).ok(200)["id"] == member


def test_a_district_is_named_by_its_slug_or_its_id(district: District, api: Api) -> None:
    phone = new_phone()
    member = district.member(phone)
    slug = api.get("/v1/districts", api.operator_key).ok(200)["data"]
    named = next(one["slug"] for one in slug if one["id"] == district.id)
    challenge = ask(district, phone, district=named)
    assert prove(district, challenge).ok(200)["member_id"] == member


@pytest.mark.parametrize("name", ["nowhere", f"dis_{'0' * 32}", "dis_1", "' OR 1=1 --", "Hubin"])
def test_other_districts_are_none(api: Api, name: str) -> None:
    refused = check_problem(api.post("/v1/auth/codes", {"district": name, "phone": new_phone()}, None), 404)
    assert refused.pointers == {"/district"}


def test_who_is_no_member_yet_joins_with_consent_and_the_same_code(district: District, api: Api) -> None:
    phone, shop = new_phone(), district.shop
    challenge = ask(district, phone)
    refused = check_problem(prove(district, challenge), 422, "consent-required")
    assert refused.pointers == {"/consents"}
    other = {**MEMBERSHIP, "controller": shop.merchant_id}
    check_problem(prove(district, challenge, consents=[other, {**MEMBERSHIP, "purpose": "marketing"}]), 422)
    assert find(district, phone) == []
    tokens = prove(district, challenge, consents=[MEMBERSHIP, other], store_id=shop.store_id).ok(200)
    me = api.get("/v1/me", tokens["access_token"]).ok(200)
    assert find(district, phone) == [me["id"]]
    assert [one["merchant_id"] for one in me["memberships"]] == [shop.merchant_id]
    assert [one["controller"] for one in events(district, "consent.recorded")] == [shop.merchant_id, "district"]
    assert [one["member_id"] for one in events(district, "member.enrolled")] == [me["id"]]
    [started] = events(district, "session.started")
    assert started["member_id"] == me["id"]


def test_a_member_joins_another_shop_by_signing_in_there(district: District, api: Api) -> None:
    phone = new_phone()
    member = district.member(phone, store_id=district.shop.store_id)
    tokens = prove(district, ask(district, phone), store_id=district.other_shop.store_id).ok(200)
    me = api.get("/v1/me", tokens["access_token"]).ok(200)
    assert me["id"] == member
    shops = {district.shop.merchant_id, district.other_shop.merchant_id}
    assert {one["merchant_id"] for one in me["memberships"]} == shops


def test_joining_credits_the_sales_that_waited(district: District, api: Api) -> None:
    phone = new_phone()
    district.report(phone=phone).ok(201)
    tokens = sign_in(district, phone)
    assert api.get("/v1/me", tokens["access_token"]).ok(200)["points"]["available"] == 128


@pytest.mark.parametrize("place", ["/store_id", "/consents/1/controller"])
def test_shops_of_others_are_none_and_the_code_stays_usable(
    district: District, other_district: District, place: str
) -> None:
    phone, foreign = new_phone(), other_district.shop
    challenge = ask(district, phone)
    consents = [MEMBERSHIP]
    more: dict[str, Any] = {"store_id": foreign.store_id}
    if place != "/store_id":
        more, consents = {}, [MEMBERSHIP, {**MEMBERSHIP, "controller": foreign.merchant_id}]
    refused = check_problem(prove(district, challenge, consents=consents, **more), 404, NotFound.code)
    assert refused.pointers == {place}
    assert find(district, phone) == []
    prove(district, challenge, consents=[MEMBERSHIP]).ok(200)


def test_a_code_works_once(district: District) -> None:
    challenge = ask(district, new_phone())
    prove(district, challenge, consents=[MEMBERSHIP]).ok(200)
    check_problem(prove(district, challenge, consents=[MEMBERSHIP]), 422, "invalid-code")


def test_five_wrong_tries_end_a_code(district: District, superuser: psycopg.Connection) -> None:
    challenge = ask(district, new_phone())
    for number in range(1, 6):
        refused = check_problem(prove(district, challenge, wrong_code(challenge, number)), 422, "invalid-code")
        assert refused.pointers == {"/code"}
    check_problem(prove(district, challenge, consents=[MEMBERSHIP]), 422, "invalid-code")
    tries = superuser.execute(
        "SELECT wrong_tries FROM sign_in_challenges WHERE district_id = %s", (district.id[-32:],)
    ).fetchall()
    assert tries == [(5,)]


def test_four_wrong_tries_don_t(district: District) -> None:
    challenge = ask(district, new_phone())
    for number in range(1, 5):
        check_problem(prove(district, challenge, wrong_code(challenge, number)), 422, "invalid-code")
    prove(district, challenge, consents=[MEMBERSHIP]).ok(200)


def test_a_code_ends_after_five_minutes(district: District, superuser: psycopg.Connection) -> None:
    challenge = ask(district, new_phone())
    set_back(superuser, district, "expires_at = now()")
    check_problem(prove(district, challenge, consents=[MEMBERSHIP]), 422, "invalid-code")


def set_back(superuser: psycopg.Connection, district: District, change: str) -> None:
    superuser.execute(f"UPDATE sign_in_challenges SET {change} WHERE district_id = %s", (district.id[-32:],))


def test_a_code_belongs_to_its_challenge(district: District, other_district: District) -> None:
    phone = new_phone()
    first, second = ask(district, phone), ask(district, phone)
    foreign = ask(other_district, phone)
    for challenge, other in ((first, second), (second, first), (first, foreign)):
        if code_of(challenge) != code_of(other):
            check_problem(prove(district, challenge, code_of(other)), 422, "invalid-code")
    prove(district, first, consents=[MEMBERSHIP]).ok(200)
    prove(district, second).ok(200)


@pytest.mark.parametrize("challenge", ["x", "ch_", "ch_" + "a" * 52, "ch_" + "1" * 52, "ch_" + "é" * 52])
def test_other_challenges_are_answered_as_wrong_codes(district: District, challenge: str) -> None:
    refused = check_problem(prove(district, challenge, "123456"), 422, "invalid-code")
    assert refused.pointers == {"/code"}


@pytest.mark.parametrize("phone", ["010-12345678", "+442071838750", "+85291234567"])
def test_codes_go_to_mobile_phones_that_are_served(
    district: District, phone: str, superuser: psycopg.Connection
) -> None:
    before = checksums(superuser, district.id)
    body = {"district": district.id, "phone": phone}
    refused = check_problem(district.api.post("/v1/auth/codes", body, None), 422, "phone-not-served")
    assert refused.pointers == {"/phone"}
    assert checksums(superuser, district.id) == before


def test_without_a_way_to_send_nobody_is_told_to_wait(settings: Settings, district: District) -> None:
    mute = Api.inside(create_app(replace(settings, sms_sender="")), settings.operator_key)
    body = {"district": district.id, "phone": new_phone()}
    check_problem(mute.post("/v1/auth/codes", body, None), 503, "sms-unavailable")


def test_the_same_request_again_gets_the_same_answer(district: District, superuser: psycopg.Connection) -> None:
    phone = new_phone()
    body = {"district": district.id, "phone": phone}
    first, second = (district.api.post("/v1/auth/codes", body, None, "a") for _ in range(2))
    assert first.ok(202) == second.ok(202)
    challenge = first.body["challenge"]
    tokens, again = (prove(district, challenge, consents=[MEMBERSHIP], idempotency_key="b") for _ in range(2))
    assert tokens.ok(200) == again.ok(200)
    assert again.headers["Idempotent-Replayed"] == "true"
    kept = superuser.execute(
        "SELECT coalesce(string_agg(i::text, ''), '') FROM idempotency_keys AS i WHERE district_id = %s",
        (district.id[-32:],),
    ).fetchone()
    assert kept is not None
    for secret in (tokens.body["access_token"], tokens.body["refresh_token"], phone):
        assert secret not in kept[0]


def test_a_refused_try_leaves_its_idempotency_key_free(district: District) -> None:
    challenge = ask(district, new_phone())
    check_problem(prove(district, challenge, wrong_code(challenge), idempotency_key="k"), 422, "invalid-code")
    prove(district, challenge, consents=[MEMBERSHIP], idempotency_key="k").ok(200)


def refresh(district: District, token: str, idempotency_key: str | None = None) -> Any:
    return district.api.post("/v1/auth/refresh", {"refresh_token": token}, None, idempotency_key)


def test_a_session_is_carried_on(district: District, api: Api) -> None:
    tokens = sign_in(district)
    again = refresh(district, tokens["refresh_token"]).ok(200)
    assert again["member_id"] == tokens["member_id"]
    assert again["refresh_token"] != tokens["refresh_token"]
    for token in (tokens, again):
        api.get("/v1/me", token["access_token"]).ok(200)


def test_a_refresh_token_used_twice_ends_the_session(district: District, api: Api) -> None:
    tokens = sign_in(district)
    newer = refresh(district, tokens["refresh_token"]).ok(200)
    refused = check_problem(refresh(district, tokens["refresh_token"]), 401, "session-over")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    check_problem(refresh(district, newer["refresh_token"]), 401, "session-over")
    assert stops(api, newer["access_token"])
    [ended] = events(district, "session.ended")
    assert (ended["member_id"], ended["reason"]) == (tokens["member_id"], "reused")


def test_a_lost_answer_comes_again_under_its_key(district: District) -> None:
    tokens = sign_in(district)
    first = refresh(district, tokens["refresh_token"], "r1")
    again = refresh(district, tokens["refresh_token"], "r1")
    assert first.ok(200) == again.ok(200)
    refresh(district, first.body["refresh_token"]).ok(200)


def test_signing_out_ends_this_session_and_no_other(district: District, api: Api) -> None:
    phone = new_phone()
    one, other = sign_in(district, phone), sign_in(district, phone)
    for _ in range(2):
        ended = api.post("/v1/auth/revoke", {"refresh_token": one["refresh_token"]}, None).ok(200)
        assert ended == {"object": "session", "status": "ended"}
    assert stops(api, one["access_token"])
    check_problem(refresh(district, one["refresh_token"]), 401, "session-over")
    refresh(district, other["refresh_token"]).ok(200)
    assert [row["reason"] for row in events(district, "session.ended")] == ["revoked"]


def test_a_session_ends_when_nobody_comes_back(district: District, superuser: psycopg.Connection) -> None:
    tokens = sign_in(district)
    superuser.execute("UPDATE sessions SET expires_at = now() WHERE district_id = %s", (district.id[-32:],))
    check_problem(refresh(district, tokens["refresh_token"]), 401, "session-over")


@pytest.mark.parametrize("token", ["x", "rt_" + "a" * 58, "rt_" + "1" * 58, "rt_" + "é" * 58])
def test_other_texts_are_no_session(api: Api, token: str) -> None:
    check_problem(api.post("/v1/auth/refresh", {"refresh_token": token}, None), 401, "session-over")


def test_a_token_of_another_district_carries_nothing_on_here(district: District, other_district: District) -> None:
    """A token says its district; changed to another, it is unknown there."""
    token, foreign = (sign_in(one)["refresh_token"] for one in (district, other_district))
    mixed = token[:29] + foreign[29:]
    check_problem(refresh(district, mixed), 401, "session-over")
    for one in (token, foreign):
        refresh(district, one).ok(200)


def proof(district: District, phone: str) -> dict[str, str]:
    """A code to a phone, as its owner sends it back."""
    challenge = ask(district, phone)
    return {"challenge": challenge, "code": code_of(challenge)}


def change_phone(district: District, tokens: Any, old: dict[str, str], new: dict[str, str]) -> Reply:
    return district.api.post("/v1/me/phone", {**new, "old": old}, tokens["access_token"])


def test_a_member_changes_its_phone_by_codes_to_both_numbers(district: District, api: Api) -> None:
    old, new = new_phone(), new_phone()
    tokens = sign_in(district, old)
    moved = change_phone(district, tokens, proof(district, old), proof(district, new)).ok(200)
    assert moved["masked_phone"] == f"{new[:3]}****{new[-4:]}"
    assert (find(district, old), find(district, new)) == ([], [moved["id"]])
    assert stops(api, tokens["access_token"])
    api.get("/v1/me", moved["tokens"]["access_token"]).ok(200)
    assert prove(district, ask(district, new)).ok(200)["member_id"] == moved["id"]
    [entry] = api.get("/v1/audit-entries?action=member.phone_changed", district.key).ok(200)["data"]
    assert entry["actor"] == entry["subject"] == {"kind": "member", "id": moved["id"]}


@pytest.mark.parametrize("which", ["old", "new"])
def test_a_challenge_of_another_district_proves_nothing_here(
    district: District, other_district: District, which: str
) -> None:
    phones = {"old": new_phone(), "new": new_phone()}
    tokens = sign_in(district, phones["old"])
    proofs = {one: proof(other_district if one == which else district, phone) for one, phone in phones.items()}
    check_problem(change_phone(district, tokens, **proofs), 422, "invalid-code")
    assert find(district, phones["old"]) == [tokens["member_id"]]


def age(superuser: psycopg.Connection, member: str, days: int) -> None:
    """Makes everything that a member has done older."""
    for statement in (
        "UPDATE members SET created_at = created_at - %(days)s * interval '1 day', "
        "proved_at = proved_at - %(days)s * interval '1 day' WHERE id = %(member)s",
        "UPDATE sessions SET used_at = used_at - %(days)s * interval '1 day' WHERE member_id = %(member)s",
        "UPDATE transactions SET recorded_at = recorded_at - %(days)s * interval '1 day' WHERE member_id = %(member)s",
    ):
        superuser.execute(statement, {"days": days, "member": member[-32:]})


@pytest.mark.parametrize(("days", "is_new"), [(179, False), (180, True), (400, True)])
def test_a_recycled_number_starts_a_new_member(
    district: District, api: Api, superuser: psycopg.Connection, days: int, is_new: bool
) -> None:
    phone = new_phone()
    old = sign_in(district, phone)
    district.report(member_id=old["member_id"]).ok(201)
    age(superuser, old["member_id"], days)
    challenge = ask(district, phone)
    answer = prove(district, challenge)
    if not is_new:
        assert answer.ok(200)["member_id"] == old["member_id"]
        return
    check_problem(answer, 422, "consent-required")
    assert find(district, phone) == [old["member_id"]]
    new = prove(district, challenge, consents=[MEMBERSHIP]).ok(200)
    assert find(district, phone) == [new["member_id"]] != [old["member_id"]]
    kept = api.get(f"/v1/members/{old['member_id']}", district.key).ok(200)
    assert (kept["masked_phone"], kept["id"]) == (None, old["member_id"])
    assert district.balance(old["member_id"])["available"] == 128
    assert api.get("/v1/me", new["access_token"]).ok(200)["points"]["available"] == 0
    check_problem(refresh(district, old["refresh_token"]), 401, "session-over")
    assert [row["reason"] for row in events(district, "session.ended")] == ["phone-recycled"]
    assert [row["member_id"] for row in events(district, "member.phone_released")] == [old["member_id"]]


@pytest.mark.parametrize("seen", ["session", "joined"])
def test_who_was_seen_lately_keeps_the_number(district: District, superuser: psycopg.Connection, seen: str) -> None:
    phone = new_phone()
    member = district.member(phone)
    if seen != "joined":
        age(superuser, member, 500)
    if seen == "session":
        signed_in(district.id, member)
    assert prove(district, ask(district, phone)).ok(200)["member_id"] == member


def test_a_member_takes_a_recycled_number_as_its_new_one(
    district: District, api: Api, superuser: psycopg.Connection
) -> None:
    phone, own = new_phone(), new_phone()
    old, tokens = district.member(phone), sign_in(district, own)
    age(superuser, old, 200)
    change_phone(district, tokens, proof(district, own), proof(district, phone)).ok(200)
    assert find(district, phone) == [tokens["member_id"]]


def test_nothing_personal_is_kept_in_the_open(district: District, app: Flask, superuser: psycopg.Connection) -> None:
    phone = new_phone()
    challenge = ask(district, phone)
    code = code_of(challenge)
    tokens = prove(district, challenge, consents=[MEMBERSHIP]).ok(200)
    for table in ("sign_in_challenges", "sessions", "session_tokens", "outbox", "audit_entries", "idempotency_keys"):
        rows = superuser.execute(f"SELECT t::text FROM {table} AS t WHERE district_id = %s", (district.id[-32:],))
        for (row,) in rows:
            for secret in (phone, code, tokens["refresh_token"], tokens["access_token"]):
                assert secret not in row, table


def test_who_is_erased_is_signed_out_and_may_join_again(district: District, api: Api) -> None:
    phone = new_phone()
    tokens = sign_in(district, phone)
    api.delete(f"/v1/members/{tokens['member_id']}", tokens["access_token"]).ok()
    check_problem(refresh(district, tokens["refresh_token"]), 401, "session-over")
    assert stops(api, tokens["access_token"])
    check_problem(prove(district, ask(district, phone)), 422, "consent-required")
    assert sign_in(district, phone)["member_id"] != tokens["member_id"]


def test_nothing_is_left_of_the_sign_ins_of_who_is_erased(district: District, superuser: psycopg.Connection) -> None:
    tokens = sign_in(district)
    sign_in(district)
    district.api.delete(f"/v1/members/{tokens['member_id']}", tokens["access_token"]).ok()
    left = superuser.execute("SELECT count(*) FROM sessions WHERE district_id = %s", (district.id[-32:],)).fetchone()
    assert left == (1,)


def test_a_member_s_export_tells_its_sign_ins(district: District, api: Api) -> None:
    phone = new_phone()
    tokens = sign_in(district, phone)
    gone = sign_in(district, phone)
    api.post("/v1/auth/revoke", {"refresh_token": gone["refresh_token"]}, None).ok(200)
    told = api.get(f"/v1/members/{tokens['member_id']}/export", tokens["access_token"]).ok(200)["sessions"]
    assert [one["ended_at"] is None for one in told] == [False, True]


@pytest.mark.parametrize("reason", ["phone-changed", "reused"])
def test_codes_of_a_phone_in_other_hands_prove_nothing(district: District, api: Api, reason: str) -> None:
    phone = new_phone()
    tokens, elsewhere = sign_in(district, phone), sign_in(district, phone)
    stolen = phone_of(district, tokens["member_id"])
    if reason == "reused":
        for _ in range(2):
            refresh(district, elsewhere["refresh_token"])
    else:
        body = change_phone(district, tokens, proof(district, phone), proof(district, new_phone())).ok(200)
        tokens = {**tokens, **body["tokens"]}
    assert resolve(district, stolen.code()).status in (404, 410)
    key = api.get("/v1/me/code-key", tokens["access_token"]).ok(200)["key"]
    assert key != stolen.key
    resolve(district, phone_of(district, tokens["member_id"]).code()).ok(200)


def test_who_is_merged_signs_in_as_the_survivor(district: District, api: Api) -> None:
    phone = new_phone()
    tokens, survivor = sign_in(district, phone), district.member()
    api.post(f"/v1/members/{tokens['member_id']}/merge", {"into": survivor}, district.key).ok()
    check_problem(refresh(district, tokens["refresh_token"]), 401, "session-over")
    assert prove(district, ask(district, phone)).ok(200)["member_id"] == survivor


def test_a_frozen_member_signs_in(district: District, api: Api) -> None:
    phone = new_phone()
    member = district.member(phone)
    api.post(f"/v1/members/{member}/freeze", {}, district.key).ok()
    tokens = prove(district, ask(district, phone)).ok(200)
    assert api.get("/v1/me", tokens["access_token"]).ok(200)["status"] == "frozen"


def test_of_a_merged_member_s_phones_only_the_recycled_one_goes(
    district: District, api: Api, superuser: psycopg.Connection
) -> None:
    phones = [new_phone(), new_phone()]
    old, survivor = (district.member(phone) for phone in phones)
    api.post(f"/v1/members/{old}/merge", {"into": survivor}, district.key).ok()
    age(superuser, survivor, 200)
    age(superuser, old, 200)
    new = sign_in(district, phones[1])["member_id"]
    assert (find(district, phones[0]), find(district, phones[1])) == ([survivor], [new])
    kept = api.get(f"/v1/members/{survivor}", district.key).ok(200)
    assert kept["masked_phone"] == f"{phones[0][:3]}****{phones[0][-4:]}"
