"""Points and coupons become money: the worked figures of settlement, through the API, with books in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.points.tasks import expire_district
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.coupons import claim, new_campaign
from tests.factories.districts import District, Shop, new_shop
from tests.factories.points import adjust, base_rule, bonus, change_programme, new_version
from tests.factories.refunds import give_back
from tests.factories.settlement import FIRST, close, items, month, nets, periods, publish_terms, statements

NEVER = {"policy": "never"}


@pytest.fixture(autouse=True)
def _balanced(timed: District, timed_app: Flask) -> Iterator[None]:
    with timed_app.app_context():
        yield
        assert broken(timed.id) == {}


def sell(district: District, shop: Shop, amount: int, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = district.report(store_id=shop.store_id, amount=amount, **more).ok(201)
    return made


def spend(district: District, shop: Shop, member: str, points: int) -> dict[str, Any]:
    return sell(district, shop, points, member_id=member, points_to_spend=points)


def line(statement: Any, kind: str) -> Any:
    [found] = [one for one in statement["lines"] if one["kind"] == kind]
    return found


def of(district: District, number: int, party: str) -> Any:
    [found] = [one for one in statements(district, number) if one["party"]["id"] == party]
    return found


def test_the_worked_periods(timed: District, clock: SetClock) -> None:
    """Four months of three shops: what each owes and is owed, and what is left in the pool."""
    district, a, b = timed, timed.shop, timed.other_shop
    c = new_shop(district.api, district.key, "C303")
    by_id = {a.merchant_id: "A", b.merchant_id: "B", c.merchant_id: "C", district.id: "district"}

    def told(number: int, figure: str = "net_position") -> dict[str, int]:
        return {by_id.get(party, "public"): one for party, one in nets(district, number, figure).items()}

    clock.set(month(1))
    publish_terms(district).ok(201)
    change_programme(district, expiry=NEVER)
    new_version(district, base_rule(), bonus("gold", points=50, min_amount=20_000, conditions={"tags": ["gold"]}))
    owes, keeps, passes = district.member(tags=["gold"]), district.member(), district.member()
    thresholds, other = sell(district, a, 25_000, member_id=owes), sell(district, a, 20_000, member_id=keeps)
    spend(district, b, owes, 250)
    at_b = spend(district, b, keeps, 50)
    sell(district, c, 10_000, member_id=passes)
    spend(district, a, passes, 100)
    change_programme(district, expiry={"policy": "months", "months": 1})
    sell(district, c, 10_000, member_id=passes)
    change_programme(district, expiry=NEVER)
    preview = periods(district)[0]
    assert (preview["status"], preview["pool"], preview["owed_to_parties"]) == ("open", 340, 270)

    clock.set(month(2))
    closed = close(district, 1)
    assert (closed["status"], closed["pool"], closed["parties"]) == ("closed", 340, 3)
    assert told(1) == {"A": -410, "B": 270, "C": -200}
    assert [(one["payer"]["id"], one["payee"]["id"], one["amount"]) for one in closed["direct_payments"]] == [
        (a.merchant_id, district.id, 340),
        (c.merchant_id, b.merchant_id, 200),
        (a.merchant_id, b.merchant_id, 70),
    ]

    assert give_back(district, thresholds["id"], 6_000)["points_owed"] == 60
    give_back(district, at_b["id"], 40)
    clock.set(month(2, 20))
    expire_district(district.id)
    sell(district, c, 8_000, member_id=owes)
    adjust(district, district.member(), 25)
    funding = {"district": 60, "merchant": 40, "government": 0}
    shopper = district.member()
    code = claim(district, new_campaign(district, funding=funding)["id"], shopper).ok(201)["code"]
    sell(district, b, 12_800, member_id=shopper, coupons=[code], eligible_amount=0)
    funding = {"district": 34, "merchant": 33, "government": 33}
    campaign = new_campaign(
        district, amount_off=1_001, min_amount=0, funding=funding, sponsor_merchant_id=c.merchant_id
    )
    code = claim(district, campaign["id"], shopper).ok(201)["code"]
    with_coupon = sell(
        district, a, 2_002, member_id=shopper, coupons=[code], eligible_amount=0, payment_reference="4200001"
    )
    prices = {"issue_price": "1.2", "redemption_price": "1.0"}
    publish_terms(district, effective_from=month(3, 1).date().isoformat(), **prices).ok(201)

    clock.set(month(3))
    assert close(district, 2)["pool"] == -19
    assert told(2) == {"A": 1_111, "B": 564, "C": -360, "district": -966, "public": -330}
    assert told(2, "closing") == {"A": 701, "B": 834, "C": -560, "district": -966, "public": -330}
    shown = of(district, 2, a.merchant_id)
    assert (shown["to_invoice"], shown["to_be_invoiced"], shown["opening"]) == (1_001, -110, -410)
    wanted = {"points": 110, "price": "1", "terms_version": 1, "amount": 110, "items": 2, "of_earlier_periods": 2}
    assert wanted.items() <= line(shown, "issue").items()

    give_back(district, with_coupon["id"], 1_000)
    assert give_back(district, other["id"], 20_000)["points_owed"] == 10
    new_version(district, base_rule(funding={"merchant": 33, "district": 67}))
    sell(district, a, 10_000, member_id=district.member())

    clock.set(month(4))
    assert close(district, 3)["pool"] == -70
    assert told(3) == {"A": -340, "C": 165, "district": 80, "public": 165}
    give_back(district, with_coupon["id"], 1_002)

    clock.set(month(5))
    assert close(district, 4)["pool"] == 0
    assert told(4) == {"A": -501, "C": 165, "district": 171, "public": 165}
    assert sum(one["pool"] for one in periods(district)[:4]) == 251


def test_a_line_leads_to_its_sales(timed: District, clock: SetClock) -> None:
    """A merchant reads what its lines are made of; what expired comes as one row a day, without members or sales."""
    district, shop = timed, timed.shop
    clock.set(month(1))
    publish_terms(district, issue_price="1.05", redemption_price="0.95").ok(201)
    change_programme(district, expiry={"policy": "months", "months": 1})
    sales = [sell(district, shop, 1_000, member_id=district.member()) for _ in range(3)]
    back = give_back(district, sales[0]["id"], 1_000)
    clock.set(month(2, 20))
    expire_district(district.id)
    close(district, 1)
    clock.set(month(3))
    close(district, 2)
    first, second = (of(district, number, shop.merchant_id) for number in (1, 2))
    issued = line(first, "issue")
    assert (issued["points"], issued["amount"], issued["items"]) == (-20, -21, 4)
    page = items(district, first, issued["line"], key=shop.key, limit=3)
    rest = items(district, first, issued["line"], key=shop.key, starting_after=page["data"][-1]["id"])
    assert (page["has_more"], rest["has_more"]) == (True, False)
    told = [(one["source_id"], one["points"], one["amount"]) for one in page["data"] + rest["data"]]
    wanted = [(back["id"], 10, "10.5"), *((sale["id"], -10, "-10.5") for sale in reversed(sales))]
    assert told == wanted
    ended = line(second, "breakage")
    assert (ended["points"], ended["price"], ended["amount"]) == (20, "0.525", 11)
    [day] = items(district, second, ended["line"], key=shop.key)["data"]
    assert day == {
        "object": "statement_item",
        "id": None,
        "source_id": None,
        "recorded_at": None,
        "day": month(2, 20).date().isoformat(),
        "points": 20,
        "amount": "10.5",
    }


def test_a_merchant_reckons_its_issue_line_from_its_own_sales(timed: District, clock: SetClock) -> None:
    """What its sales say it funded, less what its refunds say came back to it: taken from lots, owed, not what had ended."""
    district, shop = timed, timed.shop
    clock.set(month(1))
    publish_terms(district).ok(201)
    change_programme(district, expiry={"policy": "months", "months": 1})
    new_version(district, base_rule(funding={"merchant": 33, "district": 67}))
    member, late = district.member(), district.member()
    unclaimed = sell(district, shop, 7_000)
    path = f"/v1/transactions/{unclaimed['id']}/claim"
    claimed = district.api.post(path, {"member_id": member}, district.key).ok(200)
    first, ended = sell(district, shop, 10_000, member_id=member), sell(district, shop, 3_000, member_id=late)
    assert first["points_funded"] == {"merchant": 33, "district": 67}
    assert (unclaimed["points_funded"], claimed["points_funded"]) == (
        {"merchant": 0, "district": 0},
        {"merchant": 23, "district": 47},
    )
    assert give_back(district, first["id"], 5_000)["points_reversed_by"] == {"merchant": 16, "district": 34}
    spend(district, district.other_shop, member, 120)
    rest = give_back(district, first["id"], 5_000)
    assert (rest["points_owed"], rest["points_reversed_by"]) == (50, {"merchant": 17, "district": 33})
    clock.set(month(2, 20))
    expire_district(district.id)
    lapsed = give_back(district, ended["id"], 3_000)
    assert (lapsed["points_reversed"], lapsed["points_reversed_by"]) == (30, {"merchant": 0, "district": 0})
    clock.set(month(3))
    close(district, 1)
    close(district, 2)
    sales, refunds = (
        district.api.get(f"/v1/{kind}?limit=100", shop.key).ok(200)["data"] for kind in ("transactions", "refunds")
    )
    told = sum(one["points_reversed_by"]["merchant"] for one in refunds)
    told -= sum(one["points_funded"]["merchant"] for one in sales)
    assert line(of(district, 1, shop.merchant_id), "issue")["points"] == told == -33


def test_silence_approves(timed: District, clock: SetClock) -> None:
    """A merchant approves its statement, or says nothing until the time to dispute it is over."""
    district, shop = timed, timed.shop
    clock.set(month(1))
    publish_terms(district, dispute_days=10).ok(201)
    sell(district, shop, 30_000, member_id=district.member())
    sell(district, district.other_shop, 5_000, member_id=district.member())
    clock.set(month(2, 1, "00:00"))
    close(district, 1)
    own, other = (of(district, 1, one.merchant_id) for one in (shop, district.other_shop))
    assert (own["status"], own["tacit"], own["payable"], other["payable"]) == ("issued", False, 300, 0)
    path = f"/v1/statements/{own['id']}/approve"
    assert district.api.post(path, {}, shop.key).ok(200)["status"] == "approved"
    assert district.api.post(path, {}, shop.key).ok(200)["tacit"] is False
    clock.set(month(2, 11, "23:59"))
    assert of(district, 1, district.other_shop.merchant_id)["status"] == "issued"
    clock.set(month(2, 12, "00:00"))
    silent = of(district, 1, district.other_shop.merchant_id)
    assert (silent["status"], silent["tacit"]) == ("approved", True)
    assert FIRST.isoformat() == periods(district)[0]["starts_on"]
