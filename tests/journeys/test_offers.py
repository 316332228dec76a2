"""`/v1/districts/{slug}/offers`: what anybody may see of what can be claimed now."""

from __future__ import annotations

from typing import Any

from app.foundation.clock import format_instant
from tests.factories.api import Reply
from tests.factories.clock import SetClock, ahead, local
from tests.factories.coupons import act, claim, draft_campaign, new_campaign
from tests.factories.districts import District
from tests.factories.problems import check_problem


def offers(district: District, query: str = "", **headers: str) -> Any:
    return ask(district, query, **headers).ok(200)["data"]


def ask(district: District, query: str = "", **headers: str) -> Reply:
    return district.api.get(f"/v1/districts/{district.slug}/offers{query}", None, **headers)


def test_anybody_sees_what_can_be_claimed(district: District, other_district: District) -> None:
    shop = district.shop.merchant_id
    made = new_campaign(district, description="全场", stock=100, merchant_ids=[shop], validity={"days_after_issue": 1})
    draft_campaign(district).ok(201)
    new_campaign(district, issuing=["targeted"])
    act(district, new_campaign(district)["id"], "pause").ok(200)
    act(district, new_campaign(district)["id"], "end").ok(200)
    new_campaign(district, claim_window={"from": ahead(hours=1), "to": ahead(hours=2)})
    new_campaign(other_district)
    [shown] = offers(district)
    assert {name: one for name, one in shown.items() if name != "usable_until"} == {
        "object": "offer",
        "campaign_id": made["id"],
        "name": "周末满减",
        "description": "全场",
        "kind": "amount_off",
        "words": "满 100 减 10",
        "shops": [{"merchant_id": shop, "name": "店 A101"}],
        "remaining": "many",
        "points_price": None,
    }
    [english] = offers(district, **{"Accept-Language": "en"})
    assert english["words"] == "10 off from 100"


def test_of_the_stock_a_word_is_told(district: District) -> None:
    cam = new_campaign(district, stock=11)["id"]
    seen = []
    for _ in range(12):
        [shown] = offers(district)
        seen.append(shown["remaining"])
        claim(district, cam, district.member())
    assert seen == ["many"] * 10 + ["few", "none"]
    assert not {"stock", "left", "issued"} & shown.keys()


def test_an_offer_goes_with_its_window_and_its_coupons_end(timed: District, clock: SetClock) -> None:
    clock.go(0)
    window = {"from": clock().isoformat(), "to": format_instant(local(2))}
    new_campaign(timed, claim_window=window)
    new_campaign(timed, validity={"from": window["from"], "to": format_instant(local(1))})
    assert len(offers(timed)) == 2
    clock.go(1, "23:59")
    assert len(offers(timed)) == 1
    clock.go(3)
    assert offers(timed) == []


def test_offers_come_in_pages(district: District) -> None:
    made = [new_campaign(district)["id"] for _ in range(3)]
    first = ask(district, "?limit=2").ok(200)
    assert ([one["campaign_id"] for one in first["data"]], first["has_more"]) == (made[:0:-1], True)
    rest = ask(district, f"?starting_after={made[1]}").ok(200)
    assert [one["campaign_id"] for one in rest["data"]] == made[:1]


def test_a_district_that_is_none_offers_nothing(district: District) -> None:
    check_problem(district.api.get("/v1/districts/nowhere/offers", None), 404, "not-found")
    check_problem(district.api.get(f"/v1/districts/{district.id}/offers", None), 404, "not-found")
