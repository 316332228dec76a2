"""From an empty product to points that another shop sees."""

from __future__ import annotations

from tests.factories.districts import District


def test_a_sale_becomes_points_that_every_merchant_shares(district: District) -> None:
    member = district.member(store_id=district.shop.store_id, key=district.shop.key)
    first = district.report(key=district.shop.key, member_id=member).ok(201)
    assert (first["points_earned"], first["balance"]) == (128, None), "the member has shown itself nowhere"
    second = district.report(store_id=district.other_shop.store_id, member_id=member, amount=1280).ok(201)
    assert (second["points_earned"], second["balance"]["available"]) == (12, 140)
    assert district.balance(member)["available"] == 140


def test_the_same_reference_again_changes_nothing(district: District) -> None:
    member = district.member()
    sale = district.sale(member_id=member)
    first = district.api.post("/v1/transactions", sale, district.key).ok(201)
    again = district.api.post("/v1/transactions", sale, district.key).ok(200)
    assert again["id"] == first["id"]
    assert district.balance(member)["available"] == 128
