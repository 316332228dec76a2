"""Enrolling, finding, reading and changing members; who may see them."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from tests.factories.districts import District, new_phone
from tests.factories.lists import ids
from tests.factories.members import enrol, find

PERSON = {"name": "王小明", "birthday": "1990-05-01"}


def masked(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}"


def test_a_new_member_as_the_contract_shows_it(district: District) -> None:
    phone, shop = new_phone(), district.shop
    made = enrol(district, phone=phone, store_id=shop.store_id, **PERSON).ok(201)
    assert made.pop("id").startswith("mem_")
    assert re.fullmatch(r"\d{10}", made.pop("number"))
    assert made.pop("created_at").endswith("Z")
    [membership] = made.pop("memberships")
    assert membership["merchant_id"] == shop.merchant_id
    assert membership["since"].endswith("Z")
    assert made == {
        "object": "member",
        "masked_phone": masked(phone),
        "name": "王小明",
        "birthday": "1990-05-01",
        "tier": None,
        "tags": [],
        "status": "active",
    }


def test_a_phone_is_all_that_is_needed(district: District) -> None:
    made = enrol(district).ok(201)
    assert (made["name"], made["birthday"], made["memberships"]) == (None, None, [])
    read = district.api.get(f"/v1/members/{made['id']}", district.key).ok(200)
    assert read == made


def test_a_known_phone_answers_id_and_masked_phone_alone(district: District) -> None:
    phone = new_phone()
    first = enrol(district, phone=phone, **PERSON).ok(201)
    again = enrol(district, district.shop.key, phone=phone, name="别名", birthday="2000-01-01").ok(200)
    assert again == {"object": "member", "id": first["id"], "masked_phone": masked(phone)}
    read = district.api.get(f"/v1/members/{first['id']}", district.key).ok()
    assert (read["name"], read["birthday"]) == ("王小明", "1990-05-01")
    assert [one["merchant_id"] for one in read["memberships"]] == [district.shop.merchant_id]


def test_one_phone_is_one_member_however_it_is_written(district: District) -> None:
    digits = new_phone()
    tail = digits[3:]
    spellings = [
        digits,
        f"+86 {digits}",
        f"+86{digits}",
        f"0086{digits}",
        f"138 {tail[:4]} {tail[4:]}",
        f"138-{tail[:4]}-{tail[4:]}",
        f"(+86) 138 {tail}",
    ]
    made = [enrol(district, phone=spelling).ok(200, 201)["id"] for spelling in spellings]
    assert len(set(made)) == 1
    assert all(find(district, spelling) == made[:1] for spelling in spellings)
    assert len(district.api.get("/v1/members", district.key).ok()["data"]) == 1


def test_a_phone_from_elsewhere_keeps_its_country(district: District) -> None:
    made = enrol(district, phone="+1 650 253 0000").ok(201)
    assert made["masked_phone"].startswith("+1****")
    assert "253" not in made["masked_phone"]


@pytest.mark.parametrize(
    "phone", ["", "12", "123456", "12345678901", "1380000000a", "138000000000", "phone", 13800000000, None, ["1"]]
)
def test_what_is_no_phone(untouched: District, phone: Any) -> None:
    refused = enrol(untouched, phone=phone)
    assert (refused.status, refused.code, refused.pointers) == (422, "validation-failed", {"/phone"})
    assert untouched.api.get("/v1/members", untouched.key).ok()["data"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"birthday": "1990-13-01"}, "/birthday"),
        ({"birthday": "1899-12-31"}, "/birthday"),
        ({"birthday": "2999-01-01"}, "/birthday"),
        ({"nickname": "x"}, "/nickname"),
        ({"identities": [{"kind": "phone", "value": "13800000000"}]}, "/identities/0/kind"),
        ({"identities": [{"kind": "wechat_openid"}]}, "/identities/0/value"),
        ({"consents": [{"controller": "everyone", "purpose": "p", "version": "1"}]}, "/consents/0/controller"),
    ],
)
def test_what_is_no_member(untouched: District, body: dict[str, Any], pointer: str) -> None:
    refused = enrol(untouched, **body)
    assert (refused.status, refused.pointers) == (422, {pointer})


def test_a_phone_that_is_missing_is_named(district: District) -> None:
    refused = district.api.post("/v1/members", {}, district.key)
    assert (refused.status, refused.pointers) == (422, {"/phone"})


def test_member_numbers_differ(district: District) -> None:
    numbers = {enrol(district).ok(201)["number"] for _ in range(5)}
    assert len(numbers) == 5


def test_members_are_found_by_number_and_by_tag(district: District, other_district: District) -> None:
    def found(query: str, key: str = district.key) -> list[str]:
        return ids(district.api.get(f"/v1/members?{query}", key).ok(200))

    first, second = (enrol(district, tags=tags).ok(201) for tags in (["staff", "gold"], ["staff"]))
    assert found(f"number={first['number']}") == [first["id"]]
    assert found(f"number={first['number']}", other_district.key) == []
    assert found("tag=staff") == [second["id"], first["id"]]
    assert found("tag=gold") == [first["id"]]
    assert found("tag=Gold") == []
    district.report(member_id=first["id"]).ok(201)
    assert found(f"number={first['number']}", district.shop.key) == [first["id"]]
    assert found("tag=staff", district.shop.key) == [], "a shop reads no tags of who only bought there by its word"


def test_one_phone_in_two_districts_is_two_members(district: District, other_district: District) -> None:
    phone = new_phone()
    first, second = (enrol(one, phone=phone).ok(201)["id"] for one in (district, other_district))
    assert first != second
    assert find(district, phone) == [first]
    for method, body in (("GET", None), ("PATCH", {"name": "x"})):
        assert district.api.call(method, f"/v1/members/{second}", body, key=district.key).code == "not-found"


# Identities and consents


def test_an_identity_is_one_member_s(district: District) -> None:
    identity = {"kind": "wechat_openid", "value": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"}
    phone = new_phone()
    owner = enrol(district, phone=phone, identities=[identity]).ok(201)["id"]
    assert enrol(district, phone=phone, identities=[identity]).ok(200)["id"] == owner
    stranger = new_phone()
    refused = enrol(district, phone=stranger, identities=[identity])
    assert (refused.status, refused.code) == (409, "identity-taken")
    assert find(district, stranger) == []
    other_kind = enrol(district, identities=[{**identity, "kind": "alipay_uid"}]).ok(201)
    taken = district.api.patch(f"/v1/members/{other_kind['id']}", {"identities": [identity]}, district.key)
    assert (taken.status, taken.code) == (409, "identity-taken")


def test_consents_are_kept_one_by_one(district: District, superuser: psycopg.Connection) -> None:
    api, shop = district.api, district.shop
    given = [
        {"controller": "district", "purpose": "membership", "version": "2026-01"},
        {"controller": shop.merchant_id, "purpose": "marketing", "version": "2026-01"},
    ]
    member = enrol(district, shop.key, consents=given).ok(201)["id"]
    body = {**given[1], "version": "2026-02", "granted": False}
    withdrawn = api.post(f"/v1/members/{member}/consents", body, shop.key).ok(201)
    assert {name: withdrawn[name] for name in body} == body
    assert withdrawn["way"] == "api"
    rows = superuser.execute(
        "SELECT controller, purpose, version, granted, way FROM consents WHERE member_id = %s ORDER BY id",
        (member[4:],),
    ).fetchall()
    assert rows == [
        ("district", "membership", "2026-01", True, "enrolment"),
        (shop.merchant_id, "marketing", "2026-01", True, "enrolment"),
        (shop.merchant_id, "marketing", "2026-02", False, "api"),
    ]


def test_a_merchant_records_no_consent_to_another(district: District, other_district: District) -> None:
    api, shop = district.api, district.shop
    consent = {"controller": district.other_shop.merchant_id, "purpose": "marketing", "version": "1"}
    refused = enrol(district, shop.key, consents=[consent])
    assert (refused.status, refused.pointers) == (404, {"/consents/0/controller"})
    member = enrol(district, shop.key).ok(201)["id"]
    refused = api.post(f"/v1/members/{member}/consents", consent, shop.key)
    assert (refused.status, refused.pointers) == (404, {"/controller"})
    assert api.post(f"/v1/members/{member}/consents", consent, district.key).status == 201
    foreign = {**consent, "controller": other_district.shop.merchant_id}
    refused = api.post(f"/v1/members/{member}/consents", foreign, district.key)
    assert (refused.status, refused.pointers) == (404, {"/controller"})


# Changes


def test_a_member_is_changed_field_by_field(district: District) -> None:
    made = enrol(district, **PERSON).ok(201)
    path = f"/v1/members/{made['id']}"
    assert district.api.patch(path, {"name": None}, district.key).ok(200) == {**made, "name": None}
    changed = district.api.patch(path, {"birthday": "1991-06-02"}, district.key).ok(200)
    assert changed == {**made, "name": None, "birthday": "1991-06-02"}
    assert district.api.get(path, district.key).body == changed


def test_a_changed_phone_finds_the_member_and_the_old_one_is_free(district: District) -> None:
    old, new = new_phone(), new_phone()
    member = enrol(district, phone=old).ok(201)["id"]
    changed = district.api.patch(f"/v1/members/{member}", {"phone": f"+86 {new}", "reason": "lost"}, district.key).ok(
        200
    )
    assert changed["masked_phone"] == masked(new)
    assert (find(district, old), find(district, new)) == ([], [member])
    assert enrol(district, phone=old).ok(201)["id"] != member


def test_a_phone_of_another_member_is_refused(district: District) -> None:
    phone, mine = new_phone(), new_phone()
    other = enrol(district, phone=phone).ok(201)["id"]
    member = enrol(district, phone=mine).ok(201)["id"]
    refused = district.api.patch(f"/v1/members/{member}", {"phone": phone, "reason": "lost", "name": "x"}, district.key)
    assert (refused.status, refused.code) == (409, "phone-taken")
    assert (find(district, phone), find(district, mine)) == ([other], [member])
    assert district.api.get(f"/v1/members/{member}", district.key).ok()["name"] is None


# Stored answers


def test_a_stored_answer_holds_no_person_and_is_read_again(district: District, superuser: psycopg.Connection) -> None:
    api, phone = district.api, new_phone()
    body = {"phone": phone, "store_id": district.shop.store_id, **PERSON}
    made = api.post("/v1/members", body, district.key, "join-1").ok(201)
    api.patch(f"/v1/members/{made['id']}", {"name": "王大明"}, district.key).ok()
    again = api.post("/v1/members", body, district.key, "join-1")
    assert again.status == 201
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body == {**made, "name": "王大明"}
    rows = superuser.execute(
        "SELECT to_jsonb(k)::text FROM idempotency_keys k WHERE district_id = %s", (district.id[4:],)
    ).fetchall()
    assert len(rows) == 1
    for secret in (phone, "王", "1990-05-01"):
        assert secret not in rows[0][0].replace(made["id"][4:], "")


def test_a_stored_answer_to_a_known_phone_stays_as_short(district: District) -> None:
    phone = new_phone()
    enrol(district, phone=phone, **PERSON).ok(201)
    first = district.api.post("/v1/members", {"phone": phone}, district.shop.key, "join-2").ok(200)
    again = district.api.post("/v1/members", {"phone": phone}, district.shop.key, "join-2")
    assert (again.status, again.body) == (200, first)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_no_person_is_kept_in_clear(district: District, superuser: psycopg.Connection) -> None:
    phone = new_phone()
    identity = {"kind": "wechat_openid", "value": f"openid-{phone}"}
    member = enrol(district, phone=phone, identities=[identity], **PERSON).ok(201)["id"]
    for table in ("members", "member_identities", "outbox"):
        rows = superuser.execute(
            f"SELECT to_jsonb(t)::text FROM {table} t WHERE district_id = %s", (district.id[4:],)
        ).fetchall()
        text = "".join(row[0] for row in rows)
        assert member[-12:] in text
        for secret in (phone, "王小明", "1990-05-01", identity["value"], phone.encode().hex(), "王".encode().hex()):
            assert secret not in text
