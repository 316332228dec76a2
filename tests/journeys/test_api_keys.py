"""API keys: secrets shown once, scopes, ends, rotation with an overlap, revocation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from app.foundation.clock import format_instant
from app.foundation.keyring import digest_of
from tests.factories.api import Api
from tests.factories.clock import SetClock, ago, ahead
from tests.factories.districts import District
from tests.factories.lists import check_paging, ids
from tests.factories.processes import wait_until

MERCHANT_SCOPES = {
    "transactions:write",
    "transactions:read",
    "members:write",
    "members:read",
    "coupons:redeem",
    "coupons:read",
    "figures:read",
    "settlement:read",
    "disputes:write",
}


def make(district: District, **body: Any) -> Any:
    return district.api.post("/v1/api-keys", {"name": "till 1", **body}, district.key).ok(201)


def works(api: Api, key: str, path: str = "/v1/transactions") -> bool:
    status = api.get(path, key).status
    assert status in (200, 401)
    return status == 200


def test_a_secret_is_shown_once_and_kept_as_a_hash(district: District, superuser: psycopg.Connection) -> None:
    made = make(district, merchant_id=district.shop.merchant_id)
    secret = made.pop("secret")
    assert secret.startswith("sk_live_")
    [listed] = [row for row in district.api.get("/v1/api-keys", district.key).ok()["data"] if row["id"] == made["id"]]
    assert listed == made
    assert listed["hint"] == f"…{secret[-4:]}"
    row = superuser.execute(
        "SELECT secret_hash, to_jsonb(k)::text FROM api_keys k WHERE id = %s", (made["id"][4:],)
    ).fetchone()
    assert row is not None
    assert row[0] == digest_of(secret)
    assert secret not in row[1]


def test_a_key_has_its_owner_and_the_owner_s_default_scopes(district: District) -> None:
    shop = district.shop
    merchant = make(district, merchant_id=shop.merchant_id)
    assert (merchant["merchant_id"], merchant["store_id"], set(merchant["scopes"])) == (
        shop.merchant_id,
        None,
        MERCHANT_SCOPES,
    )
    store = make(district, store_id=shop.store_id)
    assert (store["merchant_id"], store["store_id"], set(store["scopes"])) == (
        None,
        shop.store_id,
        MERCHANT_SCOPES,
    )
    whole = make(district)
    assert (whole["merchant_id"], whole["store_id"], whole["scopes"]) == (None, None, ["*"])
    assert (whole["expires_at"], whole["revoked_at"]) == (None, None)


def test_a_key_does_what_its_scopes_say_and_no_more(district: District) -> None:
    api, shop = district.api, district.shop
    reader = make(district, merchant_id=shop.merchant_id, scopes=["transactions:read", "transactions:read"])
    assert reader["scopes"] == ["transactions:read"]
    key = reader["secret"]
    assert api.get("/v1/transactions", key).status == 200
    refused = district.report(key=key)
    assert (refused.status, refused.code) == (403, "forbidden")
    assert "transactions:write" in refused.body["detail"]
    for path in ("/v1/members", "/v1/programme", "/v1/merchants", "/v1/api-keys"):
        assert api.get(path, key).code == "forbidden"
    assert api.get("/v1/transactions", district.key).ok()["data"] == []


def test_an_alliance_key_gives_away_only_what_it_has(district: District) -> None:
    api = district.api
    clerk = make(district, scopes=["keys:write", "transactions:read"])["secret"]
    assert api.post("/v1/api-keys", {"name": "x", "scopes": ["transactions:read"]}, clerk).status == 201
    for scopes in (["members:read"], ["*"], None):
        assert api.post("/v1/api-keys", {"name": "x", "scopes": scopes}, clerk).code == "forbidden"


@pytest.mark.parametrize("scope", ["*", "keys:write", "programme:write", "merchants:write", "points:adjust"])
def test_a_shop_gets_nothing_that_is_the_alliance_s(district: District, scope: str) -> None:
    body = {"name": "x", "merchant_id": district.shop.merchant_id, "scopes": ["members:read", scope]}
    refused = district.api.post("/v1/api-keys", body, district.key)
    assert (refused.status, refused.pointers) == (422, {"/scopes/1"})


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({}, 422, "/name"),
        ({"name": "x", "scopes": []}, 422, "/scopes"),
        ({"name": "x", "scopes": ["everything"]}, 422, "/scopes/0"),
        ({"name": "x", "merchant_id": "mer_" + "9" * 32}, 404, "/merchant_id"),
        ({"name": "x", "store_id": "str_" + "9" * 32}, 404, "/store_id"),
        ({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, 422, "/expires_at"),
        ({"name": "x", "expires_at": "2030-01-01"}, 422, "/expires_at"),
    ],
)
def test_what_is_no_key(untouched: District, body: dict[str, Any], status: int, pointer: str) -> None:
    refused = untouched.api.post("/v1/api-keys", body, untouched.key)
    assert (refused.status, refused.pointers) == (status, {pointer})


def test_a_key_is_not_of_a_merchant_and_a_store(district: District, other_district: District) -> None:
    shop, foreign = district.shop, other_district.shop
    both = {"name": "x", "merchant_id": shop.merchant_id, "store_id": shop.store_id}
    refused = district.api.post("/v1/api-keys", both, district.key)
    assert (refused.status, refused.pointers) == (422, {"/store_id"})
    for body in ({"merchant_id": foreign.merchant_id}, {"store_id": foreign.store_id}):
        refused = district.api.post("/v1/api-keys", {"name": "x", **body}, district.key)
        assert (refused.status, refused.pointers) == (404, {f"/{next(iter(body))}"})


def test_keys_are_the_alliance_s_to_make_and_list(district: District) -> None:
    api = district.api
    made = make(district, merchant_id=district.shop.merchant_id)
    for method, path in (
        ("POST", ""),
        ("GET", ""),
        ("POST", f"/{made['id']}/rotate"),
        ("DELETE", f"/{made['id']}"),
    ):
        body = {"name": "x"} if (method, path) == ("POST", "") else None
        assert api.call(method, f"/v1/api-keys{path}", body, key=district.shop.key).code == "forbidden"
    assert works(api, made["secret"])


def test_a_key_ends_at_its_instant(timed: District, clock: SetClock) -> None:
    made = make(timed, expires_at=format_instant(clock.moment + timedelta(seconds=1)))
    assert works(timed.api, made["secret"])
    clock.moment += timedelta(seconds=0.999)
    assert works(timed.api, made["secret"])
    clock.moment += timedelta(seconds=0.001)
    assert not works(timed.api, made["secret"])


def test_an_ended_key_is_nobody(district: District, superuser: psycopg.Connection) -> None:
    made = make(district, expires_at=ahead(days=1))
    superuser.execute("UPDATE api_keys SET expires_at = %s WHERE id = %s", (ago(seconds=1), made["id"][4:]))
    assert not works(district.api, made["secret"])


def test_rotation_leaves_the_old_secret_its_overlap(timed: District, clock: SetClock) -> None:
    api = timed.api
    made = make(timed, merchant_id=timed.shop.merchant_id)
    path = f"/v1/api-keys/{made['id']}/rotate"
    rotated = api.post(path, {"overlap_seconds": 1}, timed.key).ok(200)
    assert rotated["id"] == made["id"]
    assert rotated["secret"] != made["secret"]
    assert rotated["hint"] == f"…{rotated['secret'][-4:]}"
    assert works(api, made["secret"])
    assert works(api, rotated["secret"])
    clock.moment += timedelta(seconds=1)
    assert not works(api, made["secret"])
    assert works(api, rotated["secret"])


def test_rotation_without_overlap_ends_the_old_secret_at_once(district: District) -> None:
    api = district.api
    made = make(district)
    rotated = api.post(f"/v1/api-keys/{made['id']}/rotate", {"overlap_seconds": 0}, district.key).ok()
    assert not works(api, made["secret"])
    assert works(api, rotated["secret"])


@pytest.mark.parametrize("seconds", [-1, 604_801, "60", 1.5])
def test_what_is_no_overlap(district: District, seconds: Any) -> None:
    made = make(district)
    refused = district.api.post(f"/v1/api-keys/{made['id']}/rotate", {"overlap_seconds": seconds}, district.key)
    assert (refused.status, refused.pointers) == (422, {"/overlap_seconds"})
    assert works(district.api, made["secret"])


def test_a_revoked_key_stops_within_five_seconds(district: District) -> None:
    api = district.api
    made = make(district, store_id=district.shop.store_id)
    assert works(api, made["secret"])
    revoked = api.call("DELETE", f"/v1/api-keys/{made['id']}", key=district.key).ok(200)
    assert revoked["revoked_at"].endswith("Z")
    assert wait_until(lambda: not works(api, made["secret"]))
    for method, path in (("DELETE", ""), ("POST", "/rotate")):
        assert api.call(method, f"/v1/api-keys/{made['id']}{path}", key=district.key).code == "not-found"
    listed = api.get(f"/v1/api-keys?store_id={district.shop.store_id}", district.key).ok()["data"]
    assert [row["revoked_at"] for row in listed] == [revoked["revoked_at"]]


def test_another_district_s_key_is_not_there(district: District, other_district: District) -> None:
    api = district.api
    made = make(other_district)
    for method, path in (("DELETE", ""), ("POST", "/rotate")):
        assert api.call(method, f"/v1/api-keys/{made['id']}{path}", key=district.key).code == "not-found"
    assert works(api, made["secret"])
    assert made["id"] not in ids(api.get("/v1/api-keys?limit=100", district.key).ok())


def test_keys_are_listed_newest_first(district: District) -> None:
    merchant = district.shop.merchant_id
    made = [make(district, merchant_id=merchant)["id"] for _ in range(3)]
    listed = ids(district.api.get(f"/v1/api-keys?merchant_id={merchant}", district.key).ok())
    assert listed[:3] == made[::-1]
    check_paging(district.api, f"/v1/api-keys?merchant_id={merchant}", district.key, listed)
