from __future__ import annotations

from decimal import Decimal

from merchant_sdk import ApiKey, District, Flaw, Merchant, Programme, RuleSet, Store


def test_a_new_district_has_a_key_whose_secret_is_not_in_repr() -> None:
    district = District.read(
        {"id": "dis_1", "name": "湖滨", "slug": "hubin", "api_key": {"id": "key_1", "secret": "sk_live_x"}}
    )
    assert district.api_key is not None
    assert (district.slug, district.api_key.id, district.api_key.secret) == ("hubin", "key_1", "sk_live_x")
    assert "sk_live_x" not in repr(district)


def test_a_district_of_a_list_has_none() -> None:
    assert District.read({"id": "dis_1", "name": "湖滨"}).api_key is None


def test_a_key() -> None:
    key = ApiKey.read({"id": "key_1", "scopes": ["*"], "secret": "sk_live_x", "revoked_at": None, "hint": "…x"})
    assert (key.scopes, key.secret, key.revoked_at) == (("*",), "sk_live_x", None)
    assert "sk_live_x" not in repr(key)


def test_a_merchant_and_a_store() -> None:
    merchant = Merchant.read({"id": "mer_1", "code": "A101", "name": "茶", "category": None})
    store = Store.read({"id": "str_1", "merchant_id": "mer_1", "code": "A101-1", "area_m2": 120})
    assert (merchant.code, merchant.category) == ("A101", None)
    assert (store.merchant_id, store.area_m2, store.zone) == ("mer_1", 120, None)


def test_a_programme() -> None:
    programme = Programme.read(
        {"point_value": "0.5", "expiry": {"policy": "months", "months": 12}, "late_sale_days": None}
    )
    assert programme.point_value == Decimal("0.5")
    assert programme.expiry == {"policy": "months", "months": 12}
    assert programme.late_sale_days is None


def test_a_rule_set() -> None:
    draft = RuleSet.read({"id": "rls_1", "version": None, "status": "draft", "rules": [{"key": "base"}]})
    assert (draft.version, draft.status, draft.rules) == (None, "draft", ({"key": "base"},))
    assert hash(draft)


def test_what_may_not_be_meant() -> None:
    flaw = {"pointer": "/rules/0/name", "code": "a-code", "detail": "Words."}
    assert RuleSet.read({"id": "rls_1", "warnings": [flaw]}).warnings == (Flaw(**flaw),)
    assert RuleSet.read({"id": "rls_1"}).warnings == ()
