"""Who knows which members: the alliance all of them, a merchant its own from enrolment or first purchase on.

What a merchant reads of those whom it knows hangs on a proof: tests/abuse/test_strangers.py.
"""

from __future__ import annotations

from tests.factories.districts import District, new_phone
from tests.factories.lists import check_paging, ids
from tests.factories.members import enrol, find


def test_a_merchant_knows_a_member_from_the_first_purchase_on(district: District) -> None:
    api, shop = district.api, district.shop
    phone = new_phone()
    member = enrol(district, phone=phone).ok(201)["id"]
    paths = [f"/v1/members/{member}", f"/v1/members/{member}/points", f"/v1/members/{member}/points/entries"]
    assert {api.get(path, shop.key).code for path in paths} == {"not-found"}
    assert api.patch(paths[0], {"name": "x"}, shop.key).code == "not-found"
    assert find(district, phone, shop.key) == []
    district.report(key=shop.key, member_id=member).ok(201)
    assert [api.get(path, shop.key).status for path in paths] == [200, 403, 403]
    assert find(district, phone, shop.key) == [member]
    assert {api.get(path, district.other_shop.key).code for path in paths} == {"not-found"}


def test_a_merchant_sees_its_own_membership_alone(district: District) -> None:
    phone, shop, other = new_phone(), district.shop, district.other_shop
    member = enrol(district, shop.key, phone=phone).ok(201)["id"]
    enrol(district, other.key, phone=phone).ok(200)
    read = district.api.get(f"/v1/members/{member}", shop.key).ok()
    assert [one["merchant_id"] for one in read["memberships"]] == [shop.merchant_id]
    whole = district.api.get(f"/v1/members/{member}", district.key).ok()
    assert [one["merchant_id"] for one in whole["memberships"]] == [shop.merchant_id, other.merchant_id]


def test_a_store_s_key_enrols_for_its_merchant(district: District, other_district: District) -> None:
    shop = district.shop
    key = district.store_key(shop)
    made = enrol(district, key).ok(201)
    assert [one["merchant_id"] for one in made["memberships"]] == [shop.merchant_id]
    assert ids(district.api.get("/v1/members", key).ok()) == [made["id"]]
    for store_id in (district.other_shop.store_id, other_district.shop.store_id):
        refused = enrol(district, key, store_id=store_id)
        assert (refused.status, refused.pointers) == (404, {"/store_id"})


def test_lists_show_a_merchant_its_own(district: District) -> None:
    shop, other = district.shop, district.other_shop
    everyone = [enrol(district, key).ok(201)["id"] for key in (shop.key, other.key, shop.key, None, shop.key, None)]
    check_paging(district.api, "/v1/members", district.key, everyone[::-1])
    check_paging(district.api, "/v1/members", shop.key, [everyone[4], everyone[2], everyone[0]])
    assert ids(district.api.get("/v1/members", other.key).ok()) == [everyone[1]]


def test_a_list_by_phone_refuses_what_is_no_phone(district: District) -> None:
    refused = district.api.get("/v1/members?phone=12", district.key)
    assert (refused.status, refused.pointers) == (422, {"/phone"})
