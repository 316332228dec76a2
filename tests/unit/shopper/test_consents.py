"""Consents are given to whom they are offered, by the text that is shown."""

from __future__ import annotations

from app.districts.queries import OpenShop
from app.shopper.consents import offered, ticked

SHOP = OpenShop("str_" + "1" * 32, "mer_" + "2" * 32, "一品茶楼", "东街店", "A101-1", "east", "tea")


def test_each_controller_stands_apart_and_only_the_membership_is_needed() -> None:
    offers = offered("湖滨步行街", SHOP)
    assert [(one.controller, one.purpose, one.is_needed) for one in offers] == [
        ("district", "membership", True),
        (SHOP.merchant_id, "membership", False),
        ("district", "marketing", False),
    ]
    assert all(one.controller == "district" for one in offered("湖滨步行街", None))


def test_only_what_was_offered_can_be_ticked() -> None:
    offers = offered("湖滨步行街", SHOP)
    assert ticked(offers, []) == []
    assert ticked(offers, ["mer_" + "3" * 32 + "/membership/2026-01", offers[0].value, "nonsense"]) == [
        {"controller": "district", "purpose": "membership", "version": "2026-01"}
    ]
