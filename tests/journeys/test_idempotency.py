"""The same key again: the same answer, and nothing done."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest

from tests.factories.api import Api, Reply
from tests.factories.districts import District, new_phone
from tests.factories.points import base_rule, draft, entries

HOUR = timedelta(hours=1)


def sale(district: District, body: dict[str, Any], key: str = "k-1", principal: str | None = None) -> Reply:
    return district.api.post("/v1/transactions", body, principal or district.key, key)


def replayed(reply: Reply) -> bool:
    assert reply.headers.get("Idempotent-Replayed") in (None, "true")
    return reply.headers.get("Idempotent-Replayed") == "true"


def test_the_same_key_and_body_get_the_same_answer(district: District) -> None:
    member = district.member()
    body = district.sale(member_id=member)
    first = sale(district, body)
    assert (first.status, replayed(first)) == (201, False)
    district.report(member_id=member).ok(201)
    again = sale(district, body)
    assert (again.status, replayed(again), again.body) == (201, True, first.body)
    assert len(entries(district, member)) == 2


def test_a_sale_known_by_its_reference_is_stored_as_such(district: District) -> None:
    body = district.sale(member_id=district.member())
    sale(district, body, "k-1").ok(201)
    second = sale(district, body, "k-2")
    assert (second.status, replayed(second)) == (200, False)
    third = sale(district, body, "k-2")
    assert (third.status, replayed(third), third.body) == (200, True, second.body)


@pytest.fixture
def told(district: District) -> dict[str, Any]:
    """A sale as a till tells it."""
    at = datetime.now(UTC).replace(microsecond=0) - HOUR
    return {
        "reference": "0001",
        "store_id": district.shop.store_id,
        "member_id": district.member("13812345678"),
        "amount": 12800,
        "occurred_at": at.isoformat().replace("+00:00", "Z"),
        "items": [{"sku": "A", "amount": 12800}],
        "metadata": {"a": "1", "b": "2"},
    }


DEFAULTS = {
    "eligible_amount": None,
    "currency": None,
    "coupons": [],
    "points_to_spend": 0,
    "channel": None,
    "payment_method": None,
    "payment_reference": None,
    "phone": None,
    "store_code": None,
}


def in_another_zone(body: dict[str, Any]) -> str:
    instant = datetime.fromisoformat(body["occurred_at"])
    return instant.astimezone(timezone(timedelta(hours=8))).isoformat()


def same_in_other_words(district: District, body: dict[str, Any], way: str) -> dict[str, Any]:
    match way:
        case "reordered":
            turned = dict(reversed(body.items()))
            return {**turned, "metadata": {"b": "2", "a": "1"}}
        case "defaults":
            item = {**body["items"][0], "name": None, "category": None, "quantity": 1}
            return {**body, **DEFAULTS, "items": [item]}
        case "zone":
            return {**body, "occurred_at": in_another_zone(body)}
        case "phone":
            return {**body, "member_id": None, "phone": "+86 138 1234 5678"}
        case _:
            return {**body, "store_id": None, "store_code": district.shop.store_code}


@pytest.mark.parametrize("way", ["reordered", "defaults", "zone", "phone", "code"])
def test_the_same_in_other_words_is_the_same(district: District, told: dict[str, Any], way: str) -> None:
    first = sale(district, told)
    again = sale(district, same_in_other_words(district, told, way))
    assert (first.status, again.status, replayed(again), again.body) == (201, 201, True, first.body)


@pytest.mark.parametrize(
    "change",
    [
        {"reference": "0002"},
        {"amount": 12801},
        {"member_id": None},
        {"eligible_amount": 1},
        {"items": []},
        {"metadata": {}},
        {"occurred_at": None},
        {"channel": "app"},
    ],
    ids=str,
)
def test_another_sale_under_the_same_key_is_refused(
    district: District, told: dict[str, Any], change: dict[str, Any]
) -> None:
    first = sale(district, told).ok(201)
    refused = sale(district, {**told, **change})
    assert (refused.status, refused.code) == (422, "idempotency-key-reused")
    assert len(entries(district, told["member_id"])) == 1
    assert sale(district, told).body == first


def test_another_member_under_the_same_key_is_refused(district: District, told: dict[str, Any]) -> None:
    sale(district, told).ok(201)
    other = district.member()
    assert sale(district, {**told, "member_id": other}).code == "idempotency-key-reused"
    assert sale(district, {**told, "member_id": None, "phone": new_phone()}).code == "idempotency-key-reused"
    assert entries(district, other) == []


def test_a_key_stands_for_one_route(district: District) -> None:
    body = {"name": "楼外楼", "code": "C303"}
    made = district.api.post("/v1/merchants", body, district.key, "k-1").ok(201)
    assert sale(district, district.sale()).code == "idempotency-key-reused"
    store = {**body, "merchant_id": made["id"]}
    assert district.api.post("/v1/stores", store, district.key, "k-1").code == "idempotency-key-reused"
    sale(district, district.sale(), "k-2").ok(201)
    taken = district.api.post("/v1/merchants", {"name": "x", "code": "D"}, district.key, "k-2")
    assert taken.code == "idempotency-key-reused"


def test_refusals_are_not_stored(district: District, superuser: psycopg.Connection) -> None:
    good = district.sale(reference="0003", member_id=district.member())
    for bad in (
        {**good, "amount": -1},
        {**good, "member_id": "mem_" + "9" * 32},
        {**good, "store_id": "str_" + "9" * 32},
        {**good, "occurred_at": "1999-01-01T00:00:00Z"},
    ):
        assert sale(district, bad).status in (404, 422)
    merchant = {"name": "x", "code": "A101"}
    assert district.api.post("/v1/merchants", merchant, district.key, "k-1").code == "code-taken"
    rows = superuser.execute("SELECT 1 FROM idempotency_keys WHERE district_id = %s", (district.id[4:],)).fetchall()
    assert rows == []
    first = sale(district, good)
    assert (first.status, replayed(first)) == (201, False)


def test_a_key_is_its_principal_s_own(district: District, other_district: District) -> None:
    body = district.sale(reference="0004")
    sale(district, body, principal=district.shop.key).ok(201)
    other_principal = sale(district, {**body, "reference": "0005"}, principal=district.key)
    assert (other_principal.status, replayed(other_principal)) == (201, False)
    elsewhere = sale(other_district, other_district.sale(reference="0004"))
    assert (elsewhere.status, replayed(elsewhere)) == (201, False)


def test_a_rotated_key_is_the_same_principal(district: District) -> None:
    made = district.api.post("/v1/api-keys", {"name": "till"}, district.key).ok(201)
    body = district.sale()
    first = sale(district, body, principal=made["secret"])
    rotated = district.api.post(f"/v1/api-keys/{made['id']}/rotate", {}, district.key).ok()
    again = sale(district, body, principal=rotated["secret"])
    assert (replayed(again), again.body) == (True, first.body)


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\tinside"])
def test_what_is_no_key(district: District, key: str) -> None:
    refused = sale(district, district.sale(), key)
    assert (refused.status, refused.code) == (400, "bad-request")


def test_the_longest_key_is_one(district: District) -> None:
    body, key = district.sale(), "x" * 255
    assert sale(district, body, key).status == 201
    assert replayed(sale(district, body, key))


def test_every_post_takes_a_key(district: District) -> None:
    api, member = district.api, district.member()
    unclaimed = district.report().ok(201)["id"]
    rules = draft(district, base_rule()).ok(201)["id"]
    store = {"merchant_id": district.shop.merchant_id, "name": "西", "code": "A101-2"}
    for number, (path, body) in enumerate(
        (
            ("/v1/merchants", {"name": "楼外楼", "code": "C303"}),
            ("/v1/stores", store),
            ("/v1/members", {"phone": new_phone()}),
            (f"/v1/members/{member}/consents", {"controller": "district", "purpose": "p", "version": "1"}),
            (f"/v1/transactions/{unclaimed}/claim", {"member_id": member}),
            ("/v1/rule-sets", {"name": "x", "rules": [base_rule()]}),
            (f"/v1/rule-sets/{rules}/publish", {}),
        )
    ):
        first = api.post(path, body, district.key, f"every-{number}")
        again = api.post(path, body, district.key, f"every-{number}")
        assert first.ok() == again.ok(), path
        assert (first.status, replayed(first)) == (again.status, False)
        assert replayed(again), path
    assert len(api.get("/v1/merchants", district.key).ok()["data"]) == 3


# Secrets


def kept(superuser: psycopg.Connection) -> str:
    rows = superuser.execute("SELECT to_jsonb(k)::text FROM idempotency_keys k").fetchall()
    return "".join(row[0] for row in rows)


def test_a_district_s_secret_is_told_again_and_kept_sealed(api: Api, superuser: psycopg.Connection) -> None:
    body = {"name": "湖滨", "slug": f"d{secrets.token_hex(6)}"}
    key = secrets.token_hex(8)
    first = api.post("/v1/districts", body, api.operator_key, key)
    again = api.post("/v1/districts", body, api.operator_key, key)
    assert (first.status, again.status, replayed(again)) == (201, 201, True)
    assert again.body == first.body
    secret = first.body["api_key"]["secret"]
    assert secret.startswith("sk_live_")
    text = kept(superuser)
    assert first.body["api_key"]["id"] in text
    assert secret not in text
    assert secret[8:] not in text
    other = api.post("/v1/districts", {**body, "name": "x"}, api.operator_key, key)
    assert other.code == "idempotency-key-reused"


def test_an_api_key_s_secret_is_told_again_and_kept_sealed(district: District, superuser: psycopg.Connection) -> None:
    body = {"name": "till", "store_id": district.shop.store_id}
    first = district.api.post("/v1/api-keys", body, district.key, "s-1").ok(201)
    again = district.api.post("/v1/api-keys", {**body, "expires_at": None}, district.key, "s-1")
    assert (again.status, replayed(again), again.body) == (201, True, first)
    path = f"/v1/api-keys/{first['id']}/rotate"
    rotated = district.api.post(path, {}, district.key, "s-2").ok(200)
    told = district.api.post(path, {"overlap_seconds": 86_400}, district.key, "s-2")
    assert (replayed(told), told.body) == (True, rotated)
    text = kept(superuser)
    assert first["id"] in text
    for secret in (first["secret"], rotated["secret"]):
        assert secret not in text
        assert district.api.get("/v1/transactions", secret).status == 200
