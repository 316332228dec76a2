"""`POST /v1/members/batch`: an alliance brings the members it had before."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.factories.districts import District, new_phone

CONSENT = {"controller": "district", "purpose": "membership", "version": "2026-01"}


def enrol(
    district: District, people: list[Any], key: str | None = None, idempotency_key: str | None = None
) -> list[Any]:
    body = district.api.post("/v1/members/batch", {"members": people}, key or district.key, idempotency_key).ok(200)
    assert [one["index"] for one in body["results"]] == list(range(len(people)))
    return list(body["results"])


def test_a_thousand_become_members_with_purses(district: District) -> None:
    people = [{"phone": f"139{number:08d}", "name": f"顾客{number}", "consents": [CONSENT]} for number in range(1000)]
    results = enrol(district, people)
    assert {one["status"] for one in results} == {201}
    assert len({one["member"]["id"] for one in results}) == len({one["member"]["number"] for one in results}) == 1000
    assert results[17]["member"]["name"] == "顾客17"
    assert district.balance(results[17]["member"]["id"])["available"] == 0


def test_each_stands_alone_as_if_enrolled_singly(district: District) -> None:
    known, fresh = new_phone(), new_phone()
    member = district.member(known)
    identity = {"kind": "wechat_openid", "value": "o-1"}
    results = enrol(
        district,
        [
            {"phone": known, "name": "Never shown"},
            {"phone": "12"},
            {"phone": fresh, "identities": [identity]},
            {"phone": f"+86 {fresh}"},
            {"phone": new_phone(), "identities": [identity]},
            {"phone": new_phone(), "store_id": "str_" + "0" * 32},
            "nobody",
        ],
    )
    assert [one["status"] for one in results] == [200, 422, 201, 200, 409, 404, 422]
    assert results[0]["member"] == {"object": "member", "id": member, "masked_phone": f"{known[:3]}****{known[-4:]}"}
    assert results[1]["problem"]["errors"][0]["pointer"] == "/phone"
    assert results[3]["member"]["id"] == results[2]["member"]["id"]
    assert (results[4]["problem"]["code"], results[5]["problem"]["errors"][0]["pointer"]) == (
        "identity-taken",
        "/store_id",
    )


def test_a_merchants_key_makes_them_its_members(district: District) -> None:
    [result] = enrol(district, [{"phone": new_phone()}], key=district.shop.key)
    assert [one["merchant_id"] for one in result["member"]["memberships"]] == [district.shop.merchant_id]
    path = f"/v1/members/{result['member']['id']}"
    assert district.api.get(path, district.shop.key).status == 200
    assert district.api.get(path, district.other_shop.key).status == 404


def test_again_under_one_idempotency_key(district: District, superuser: psycopg.Connection) -> None:
    people = [{"phone": new_phone(), "name": "王小明"}, {"phone": "x"}]
    first = enrol(district, people, idempotency_key="take-over")
    again = district.api.post("/v1/members/batch", {"members": people}, district.key, "take-over")
    assert (again.headers["Idempotent-Replayed"], again.ok(200)["results"]) == ("true", first)
    other = district.api.post("/v1/members/batch", {"members": people[:1]}, district.key, "take-over")
    assert (other.status, other.code) == (422, "idempotency-key-reused")
    [(stored,)] = superuser.execute("SELECT answer::text FROM idempotency_keys WHERE key = 'take-over'").fetchall()
    assert "王小明" not in stored and people[0]["phone"] not in stored


def test_sales_that_wait_are_credited_to_all_who_join(district: District) -> None:
    phones = [new_phone() for _ in range(5)]
    for phone in phones:
        district.report(phone=phone).ok(201)
    results = enrol(district, [{"phone": phone} for phone in phones])
    assert [district.balance(one["member"]["id"])["available"] for one in results] == [128] * 5


def test_more_than_a_thousand_are_refused(district: District) -> None:
    reply = district.api.post("/v1/members/batch", {"members": [{"phone": "1"}] * 1001}, district.key)
    assert (reply.status, reply.pointers) == (422, {"/members"})
