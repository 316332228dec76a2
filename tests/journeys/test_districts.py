"""The tenant: who may make one, what a new one has, and its shops."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from tests.factories.api import Api
from tests.factories.districts import District, new_shop
from tests.factories.lists import check_paging, ids


def slug() -> str:
    return f"d{secrets.token_hex(6)}"


def test_a_new_district_as_the_contract_shows_it(api: Api) -> None:
    name = slug()
    made = api.post("/v1/districts", {"name": "湖滨步行街", "slug": name}, api.operator_key).ok(201)
    assert made["object"] == "district"
    assert made["id"].startswith("dis_")
    assert (made["name"], made["slug"]) == ("湖滨步行街", name)
    assert (made["currency"], made["time_zone"], made["mode"]) == ("CNY", "Asia/Shanghai", "live")
    assert made["created_at"].endswith("Z")
    assert made["api_key"].keys() == {"id", "secret"}
    assert made["api_key"]["id"].startswith("key_")
    assert made["api_key"]["secret"].startswith("sk_live_")


def test_a_sandbox_s_keys_say_so(api: Api) -> None:
    body = {"name": "练习", "slug": slug(), "mode": "sandbox"}
    made = api.post("/v1/districts", body, api.operator_key).ok(201)
    assert made["api_key"]["secret"].startswith("sk_test_")
    rotated = api.post(f"/v1/api-keys/{made['api_key']['id']}/rotate", {}, made["api_key"]["secret"]).ok()
    assert rotated["secret"].startswith("sk_test_")


def test_a_new_district_has_a_programme_that_works(district: District) -> None:
    programme = district.api.get("/v1/programme", district.key).ok()
    assert programme.pop("updated_at").endswith("Z")
    assert programme == {
        "object": "programme",
        "currency": "CNY",
        "time_zone": "Asia/Shanghai",
        "point_value": "1",
        "rounding": "floor",
        "pending_days": 0,
        "expiry": {"policy": "months", "months": 12},
        "refund_policy": "owe",
        "max_spend_percent": 100,
        "min_spend_points": 0,
        "late_sale_days": 7,
        "spend_proof": "code",
        "merchant_campaigns": False,
    }
    [version] = district.api.get("/v1/rule-sets", district.key).ok()["data"]
    assert (version["version"], version["status"], version["effective_at"]) == (1, "published", None)
    [rule] = version["rules"]
    assert (rule["key"], rule["kind"], rule["points"], rule["per_amount"]) == ("base", "base", 1, 100)
    assert rule["funding"] == {"merchant": 100, "district": 0}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/districts", {"name": "x", "slug": "x"}),
        ("GET", "/v1/districts", None),
        ("PATCH", "/v1/districts/{id}", {"name": "x"}),
    ],
)
def test_districts_are_the_operator_s_business(district: District, method: str, path: str, body: Any) -> None:
    for key in (district.key, district.shop.key):
        refused = district.api.call(method, path.format(id=district.id), body, key=key)
        assert (refused.status, refused.code) == (403, "forbidden")


@pytest.mark.parametrize("key", [None, "", "nonsense", "sk_live_" + "a" * 58, "ok_live_other"])
def test_who_shows_no_known_key_is_not_let_in(api: Api, key: str | None) -> None:
    refused = api.get("/v1/districts", key)
    assert (refused.status, refused.code) == (401, "unauthorized")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.body["request_id"] == refused.headers["Request-Id"]


@pytest.mark.parametrize("path", ["/v1/programme", "/v1/merchants", "/v1/members", "/v1/transactions"])
def test_the_operator_s_key_opens_no_district(api: Api, path: str) -> None:
    refused = api.get(path, api.operator_key)
    assert (refused.status, refused.code) == (403, "forbidden")


def test_a_slug_is_taken_once(district: District) -> None:
    api = district.api
    body = {"name": "甲", "slug": slug()}
    made = api.post("/v1/districts", body, api.operator_key).ok(201)
    again = api.post("/v1/districts", body, api.operator_key)
    assert (again.status, again.code) == (409, "slug-taken")
    listed = api.get("/v1/districts?limit=1", api.operator_key).ok()
    assert ids(listed) == [made["id"]]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": None}, "/name"),
        ({"slug": "Big"}, "/slug"),
        ({"slug": "a b"}, "/slug"),
        ({"currency": "XXX"}, "/currency"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"mode": "real"}, "/mode"),
        ({"owner": "me"}, "/owner"),
    ],
)
def test_what_is_no_district(api: Api, change: dict[str, Any], pointer: str) -> None:
    refused = api.post("/v1/districts", {"name": "x", "slug": slug(), **change}, api.operator_key)
    assert (refused.status, refused.code) == (422, "validation-failed")
    assert refused.pointers == {pointer}


@pytest.mark.parametrize("currency", ["XXX", "XTS", "XAU", "XDR", "cny", "¥¥¥", ""])
def test_a_district_has_a_currency_that_people_pay_with(api: Api, currency: str) -> None:
    """Not ISO 4217's codes for no currency, for tests, for gold, for drawing rights; nothing is made."""
    before = api.get("/v1/districts?limit=1", api.operator_key).ok()
    refused = api.post("/v1/districts", {"name": "x", "slug": slug(), "currency": currency}, api.operator_key)
    assert (refused.status, refused.code, refused.pointers) == (422, "validation-failed", {"/currency"})
    assert api.get("/v1/districts?limit=1", api.operator_key).ok() == before


def test_the_operator_renames_and_lists(api: Api) -> None:
    made = [
        api.post("/v1/districts", {"name": str(n), "slug": slug()}, api.operator_key).ok(201)["id"] for n in range(3)
    ]
    path = f"/v1/districts/{made[0]}"
    assert api.patch(path, {"name": "新名"}, api.operator_key).ok(200)["name"] == "新名"
    assert ids(api.get("/v1/districts?limit=3", api.operator_key).ok()) == made[::-1]
    refused = api.patch(path, {"slug": "other"}, api.operator_key)
    assert (refused.status, refused.pointers) == (422, {"/slug"})
    unknown = api.patch(f"/v1/districts/dis_{'9' * 32}", {"name": "x"}, api.operator_key)
    assert (unknown.status, unknown.code) == (404, "not-found")


# Merchants and stores


def test_a_merchant_is_added_read_and_changed(district: District) -> None:
    api, key = district.api, district.key
    body = {"name": "楼外楼", "code": "C303", "category": "catering"}
    made = api.post("/v1/merchants", body, key).ok(201)
    assert made["id"].startswith("mer_")
    assert {name: made[name] for name in body} == body
    path = f"/v1/merchants/{made['id']}"
    assert api.get(path, key).ok(200) == made
    changed = api.patch(path, {"category": None, "code": "C304"}, key).ok(200)
    assert changed == {**made, "category": None, "code": "C304"}
    assert api.get(path, key).body == changed


def test_a_store_is_added_read_and_changed(district: District) -> None:
    api, key, shop = district.api, district.key, district.shop
    body = {
        "merchant_id": shop.merchant_id,
        "name": "西街店",
        "code": "A101-2",
        "zone": "west",
        "area_m2": 80,
        "opening_hours": [{"weekdays": [5, 6], "from": "18:00", "to": "02:00"}],
    }
    made = api.post("/v1/stores", body, key).ok(201)
    assert made["id"].startswith("str_")
    assert {name: made[name] for name in body} == body
    path = f"/v1/stores/{made['id']}"
    changed = api.patch(path, {"zone": None, "area_m2": 81}, key).ok(200)
    assert changed == {**made, "zone": None, "area_m2": 81}
    assert api.get(path, key).body == changed
    refused = api.patch(path, {"merchant_id": district.other_shop.merchant_id}, key)
    assert (refused.status, refused.pointers) == (422, {"/merchant_id"})
    for wrong, place in (
        ([], ""),
        ([{"from": "10:00"}], "/0/to"),
        ([{"from": "10:00", "to": "10:00"}], "/0/to"),
        ([{"from": "10:00", "to": "24:00"}], "/0/to"),
        ([{"weekdays": [0], "from": "10:00", "to": "22:00"}], "/0/weekdays/0"),
    ):
        refused = api.patch(path, {"opening_hours": wrong}, key)
        assert (refused.status, refused.pointers) == (422, {f"/opening_hours{place}"})
    assert api.get(path, key).body == changed
    hours = [{"weekdays": [7, 1, 7], "from": "00:00", "to": "12:00"}, {"from": "12:00", "to": "00:00"}]
    changed = api.patch(path, {"opening_hours": hours}, key).ok(200)
    assert [one["weekdays"] for one in changed["opening_hours"]] == [[1, 7], []]
    assert api.patch(path, {"opening_hours": None}, key).ok(200)["opening_hours"] is None


def test_codes_are_taken_once_in_a_district(district: District, other_district: District) -> None:
    api, key, shop = district.api, district.key, district.shop
    taken = api.post("/v1/merchants", {"name": "乙", "code": "A101"}, key)
    assert (taken.status, taken.code) == (409, "code-taken")
    taken = api.patch(f"/v1/merchants/{shop.merchant_id}", {"code": "B202"}, key)
    assert (taken.status, taken.code) == (409, "code-taken")
    store = {"merchant_id": district.other_shop.merchant_id, "name": "乙", "code": "A101-1"}
    taken = api.post("/v1/stores", store, key)
    assert (taken.status, taken.code) == (409, "code-taken")
    taken = api.patch(f"/v1/stores/{shop.store_id}", {"code": "B202-1"}, key)
    assert (taken.status, taken.code) == (409, "code-taken")
    assert api.patch(f"/v1/stores/{shop.store_id}", {"code": "A101-1"}, key).status == 200
    assert other_district.shop.store_code == district.shop.store_code


def test_a_store_of_no_merchant_of_ours_is_refused_with_a_pointer(district: District, other_district: District) -> None:
    for foreign in (other_district.shop.merchant_id, "mer_" + "9" * 32, "nonsense"):
        refused = district.api.post("/v1/stores", {"merchant_id": foreign, "name": "x", "code": "X"}, district.key)
        assert (refused.status, refused.code, refused.pointers) == (404, "not-found", {"/merchant_id"})


def test_another_district_s_shops_are_not_there(district: District, other_district: District) -> None:
    api = district.api
    for path in (
        f"/v1/merchants/{other_district.shop.merchant_id}",
        f"/v1/stores/{other_district.shop.store_id}",
    ):
        assert api.get(path, district.key).code == "not-found"
        assert api.patch(path, {"name": "x"}, district.key).code == "not-found"
        assert api.get(path, other_district.key).ok()["name"] != "x"


def test_shops_are_the_alliance_s_to_change(district: District) -> None:
    api, shop = district.api, district.shop
    key = district.merchant_key(shop, scopes=["merchants:read"])
    calls = [
        ("POST", "/v1/merchants", {"name": "x", "code": "X"}),
        ("PATCH", f"/v1/merchants/{shop.merchant_id}", {"name": "x"}),
        ("POST", "/v1/stores", {"merchant_id": shop.merchant_id, "name": "x", "code": "X"}),
        ("PATCH", f"/v1/stores/{shop.store_id}", {"name": "x"}),
    ]
    for method, path, body in calls:
        assert api.call(method, path, body, key=key).code == "forbidden"
    assert len(api.get("/v1/merchants", district.key).ok()["data"]) == 2


def test_a_shop_s_key_lists_its_own(district: District) -> None:
    api, shop, other = district.api, district.shop, district.other_shop
    second = {"merchant_id": shop.merchant_id, "name": "西", "code": "A101-2"}
    second_store = api.post("/v1/stores", second, district.key).ok(201)["id"]
    merchant = district.merchant_key(shop, scopes=["merchants:read"])
    store = district.store_key(shop, scopes=["merchants:read"])
    assert ids(api.get("/v1/merchants", merchant).ok()) == [shop.merchant_id]
    assert ids(api.get("/v1/stores", merchant).ok()) == [second_store, shop.store_id]
    assert ids(api.get("/v1/stores", store).ok()) == [shop.store_id]
    assert api.get(f"/v1/merchants/{other.merchant_id}", merchant).status == 404
    assert api.get(f"/v1/stores/{other.store_id}", merchant).status == 404
    assert api.get(f"/v1/stores/{second_store}", store).status == 404


def test_shops_are_found_by_a_part_of_their_name_or_code(district: District) -> None:
    api = district.api
    tea = new_shop(api, district.key, "T1", name="一品茶楼", category="tea")
    new_shop(api, district.key, "T_2", name="100% 咖啡")

    def found(path: str) -> list[str]:
        return [one["code"] for one in api.get(path, district.key).ok(200)["data"]]

    assert found("/v1/merchants?search=茶") == found("/v1/merchants?category=tea") == ["T1"]
    assert found("/v1/merchants?search=t") == ["T_2", "T1"]
    assert found("/v1/merchants?search=_") == found("/v1/merchants?search=100%25") == ["T_2"]
    assert found("/v1/stores?search=T1") == found(f"/v1/stores?merchant_id={tea.merchant_id}&zone=east") == ["T1-1"]
    assert found("/v1/stores?zone=west") == []


def test_lists_page_newest_first(district: District) -> None:
    api, key = district.api, district.key
    shops = [district.shop, district.other_shop, *(new_shop(api, key, f"D{n}") for n in range(3))]
    check_paging(api, "/v1/merchants", key, [shop.merchant_id for shop in reversed(shops)])
    check_paging(api, "/v1/stores", key, [shop.store_id for shop in reversed(shops)])
    of_one = api.get(f"/v1/stores?merchant_id={shops[3].merchant_id}", key).ok()
    assert ids(of_one) == [shops[3].store_id]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=1.5",
        "page=2",
        "starting_after=mer_1",
        "starting_after=str_" + "1" * 32,
    ],
)
def test_what_is_no_page(untouched: District, query: str) -> None:
    refused = untouched.api.get(f"/v1/merchants?{query}", untouched.key)
    assert refused.status in (404, 422)
    assert refused.pointers == {"/" + query.split("=")[0]}
