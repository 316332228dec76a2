"""Refunds: what goes back to whom, in any split, once."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from app.foundation.database.pipeline import Pipeline
from tests.factories.books import broken
from tests.factories.clock import ago
from tests.factories.districts import District, new_phone
from tests.factories.points import adjust, base_rule, change_programme, entries, figures, new_version
from tests.factories.refunds import give_back, refund

pytestmark = pytest.mark.usefixtures("context")
OVER_200 = {
    "key": "over200",
    "kind": "bonus",
    "name": "Over 200",
    "points": 50,
    "conditions": {"min_amount": 20_000},
}


def sell(district: District, member: str, amount: int, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = district.report(member_id=member, amount=amount, **more).ok(201)
    return made


def spend(district: District, member: str, points: int) -> dict[str, Any]:
    """Spends points at the other shop, in a sale that earns nothing."""
    return sell(
        district, member, points, points_to_spend=points, eligible_amount=0, store_id=district.other_shop.store_id
    )


def test_the_worked_refund(district: District) -> None:
    """25000 earns 300; 6000 back takes 110, the other 19000 the other 190."""
    new_version(district, base_rule(), OVER_200)
    member = district.member()
    sale = sell(district, member, 25_000)
    assert sale["points_earned"] == 300
    first = give_back(district, sale["id"], 6_000)
    assert (first["money_amount"], first["points_reversed"], first["points_owed"]) == (6_000, 110, 0)
    assert first["balance"] == {"available": 190, "pending": 0, "owed": 0}
    told = district.api.get(f"/v1/transactions/{sale['id']}", district.key).ok()
    assert (told["status"], told["refunded_amount"], told["points_earned"]) == ("partially_refunded", 6_000, 300)
    second = give_back(district, sale["id"], 19_000)
    assert (second["points_reversed"], second["balance"]["available"]) == (190, 0)
    assert district.api.get(f"/v1/transactions/{sale['id']}", district.key).ok()["status"] == "refunded"
    assert broken(district.id) == {}


def test_the_worked_refund_of_spent_points(district: District) -> None:
    """250 of the 300 were spent, so 50 come from the lot and 60 are owed; 80 earned later leave 20."""
    new_version(district, base_rule(), OVER_200)
    member = district.member()
    sale = sell(district, member, 25_000)
    spend(district, member, 250)
    back = give_back(district, sale["id"], 6_000)
    assert (back["points_reversed"], back["points_owed"], back["points_forgiven"]) == (110, 60, 0)
    assert back["balance"] == {"available": 0, "pending": 0, "owed": 60}
    later = sell(district, member, 8_000)
    assert later["points_earned"] == 80
    assert later["balance"] == {"available": 20, "pending": 0, "owed": 0}
    assert broken(district.id) == {}


def test_expired_points_are_not_owed(district: District) -> None:
    """A sale that earned 100, all expired, refunded in full: owed 0."""
    member = district.member()
    sale = sell(district, member, 10_000, occurred_at=ago(days=500))
    back = give_back(district, sale["id"], 10_000)
    assert (back["points_reversed"], back["points_owed"], back["money_amount"]) == (100, 0, 10_000)
    assert figures(district, member) == (0, 0, 0)
    assert broken(district.id) == {}


def test_a_refund_cannot_farm_points(district: District) -> None:
    """Bought and given back over and over, nothing is left."""
    member = district.member()
    for _ in range(5):
        sale = sell(district, member, 12_800)
        give_back(district, sale["id"], 12_800)
    assert figures(district, member) == (0, 0, 0)


def test_spent_points_are_not_taken_twice(district: District) -> None:
    """Partial refunds of a sale whose points were spent owe each point once."""
    member = district.member()
    sale = sell(district, member, 10_000)
    spend(district, member, 100)
    owed = [give_back(district, sale["id"], 2_500)["points_owed"] for _ in range(4)]
    assert owed == [25, 25, 25, 25]
    assert figures(district, member) == (0, 0, 100)
    assert broken(district.id) == {}


def test_cancel_and_refund_count_once(district: District) -> None:
    """More than the bill is refused, however it is split."""
    member = district.member()
    sale = sell(district, member, 10_000)
    give_back(district, sale["id"], 9_000)
    refused = refund(district, transaction_id=sale["id"], amount=1_001)
    assert (refused.status, refused.pointers) == (422, {"/amount"})
    give_back(district, sale["id"], 1_000)
    assert refund(district, transaction_id=sale["id"], amount=1).status == 422
    assert figures(district, member) == (0, 0, 0)


def test_rounding_happens_once(district: District) -> None:
    """In sevenths of a fen and of a point, any split comes to the whole."""
    new_version(district, base_rule(points=1, per_amount=333))
    member = district.member()
    sell(district, member, 1_000_000)
    sale = sell(district, member, 9_999, points_to_spend=77)
    backs = [give_back(district, sale["id"], amount) for amount in (1, 3_333, 10, 6_655)]
    assert sum(one["money_amount"] for one in backs) == sale["paid_amount"]
    assert sum(one["points_restored"] for one in backs) == 77
    assert sum(one["points_reversed"] for one in backs) == sale["points_earned"]
    assert broken(district.id) == {}


def test_points_spent_on_a_sale_come_back_with_it(district: District) -> None:
    """In the order in which they were taken, of the same issuer, and for 30 days at least."""
    member = district.member()
    old = sell(district, member, 10_000, occurred_at=ago(days=350))
    sell(district, member, 10_000)
    change_programme(district, late_sale_days=None)
    sale = sell(district, member, 20_000, points_to_spend=150)
    assert figures(district, member)[0] == 50 + 198
    half = give_back(district, sale["id"], 10_000)
    assert (half["money_amount"], half["points_restored"], half["points_reversed"]) == (9_925, 75, 99)
    rest = give_back(district, sale["id"], 10_000)
    assert (rest["money_amount"], rest["points_restored"], rest["points_reversed"]) == (9_925, 75, 99)
    assert figures(district, member) == (200, 0, 0)
    ends = district.balance(member)["expiring"]
    assert sum(one["points"] for one in ends) == 200
    assert min(one["on"] for one in ends) > old["expires_at"][:10], "restored points last 30 days more"
    assert broken(district.id) == {}


def test_restored_points_pay_what_is_owed(district: District) -> None:
    member = district.member()
    first = sell(district, member, 10_000)
    second = spend(district, member, 100)
    assert give_back(district, first["id"], 10_000)["points_owed"] == 100
    back = give_back(district, second["id"], 100)
    assert (back["points_restored"], back["balance"]) == (100, {"available": 0, "pending": 0, "owed": 0})
    assert broken(district.id) == {}


def test_restored_points_of_a_sale_go_back_with_it(district: District) -> None:
    """Lots restored from a sale's lots belong to the sale: they are taken before anything is owed."""
    member = district.member()
    first = sell(district, member, 10_000)
    second = spend(district, member, 100)
    give_back(district, second["id"], 100)
    back = give_back(district, first["id"], 10_000)
    assert (back["points_reversed"], back["points_owed"]) == (100, 0)
    assert figures(district, member) == (0, 0, 0)
    assert broken(district.id) == {}


@pytest.mark.parametrize(
    ("policy", "owed", "forgiven", "left"),
    [("owe", 100, 0, (60, 0, 100)), ("take", 40, 0, (0, 0, 40)), ("forgive", 0, 100, (60, 0, 0))],
)
def test_policies(district: District, policy: str, owed: int, forgiven: int, left: tuple[int, int, int]) -> None:
    member = district.member()
    sale = sell(district, member, 10_000)
    spend(district, member, 100)
    adjust(district, member, 60)
    change_programme(district, refund_policy=policy)
    back = give_back(district, sale["id"], 10_000)
    assert (back["points_reversed"], back["points_owed"], back["points_forgiven"]) == (100, owed, forgiven)
    assert figures(district, member) == left
    assert broken(district.id) == {}


def test_an_eligible_amount_says_what_no_longer_earns(district: District) -> None:
    member = district.member()
    sale = sell(district, member, 10_000, eligible_amount=6_000)
    back = give_back(district, sale["id"], 4_000, eligible_amount=0)
    assert (back["points_reversed"], back["eligible_amount"]) == (0, 0)
    refused = refund(district, transaction_id=sale["id"], amount=100, eligible_amount=6_001)
    assert (refused.status, refused.pointers) == (422, {"/eligible_amount"})
    assert give_back(district, sale["id"], 3_000, eligible_amount=3_000)["points_reversed"] == 30
    assert give_back(district, sale["id"], 3_000)["points_reversed"] == 30
    assert figures(district, member) == (0, 0, 0)


def test_pending_points_go_first(district: District) -> None:
    member = district.member()
    change_programme(district, pending_days=7)
    sale = sell(district, member, 10_000)
    assert figures(district, member) == (0, 100, 0)
    give_back(district, sale["id"], 5_000)
    assert figures(district, member) == (0, 50, 0)


def test_a_refund_by_reference_and_its_repeat(district: District) -> None:
    member, shop = district.member(), district.shop
    sale = sell(district, member, 10_000, reference="T-1")
    body = {"transaction_reference": "T-1", "reference": "RF-1", "amount": 4_000, "reason": "wrong size"}
    made = refund(district, key=shop.key, **body).ok(201)
    assert (made["transaction_id"], made["reason"]) == (sale["id"], "wrong size")
    assert refund(district, key=shop.key, **body).ok(200) == made
    other = refund(district, key=shop.key, **{**body, "amount": 4_001})
    assert (other.status, other.code) == (409, "refund-reference-conflict")
    by_id = {key: value for key, value in body.items() if key != "transaction_reference"}
    assert refund(district, key=shop.key, transaction_id=sale["id"], **by_id).ok(200) == made
    assert refund(district, **body).pointers == {"/merchant_id"}, "a district key says whose reference"
    told = {**made, "balance": district.balance(member)}
    told["balance"] = {name: told["balance"][name] for name in ("available", "pending", "owed")}
    assert refund(district, merchant_id=shop.merchant_id, **body).ok(200) == told
    assert district.api.get(f"/v1/refunds/{made['id']}", shop.key).ok() == made
    assert district.api.get(f"/v1/refunds?transaction_id={sale['id']}", shop.key).ok()["data"] == [made]
    assert figures(district, member) == (60, 0, 0)


def test_a_refund_takes_three_round_trips(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    """One to find the sale, one for locks and all that hangs on them, one to write; whatever the policy."""
    member = district.member()
    change_programme(district, refund_policy="take")
    adjust(district, member, 50)
    sale = sell(district, member, 10_000, points_to_spend=50)
    spend(district, member, 60)
    give_back(district, sale["id"], 1_000)
    trips: list[int] = []
    finish = Pipeline.finish

    def counted(pipeline: Pipeline) -> None:
        trips.append(1)
        finish(pipeline)

    monkeypatch.setattr(Pipeline, "finish", counted)
    back = give_back(district, sale["id"], 5_000)
    assert (back["points_restored"], len(trips)) == (25, 3)


def test_a_repeat_under_a_key_is_replayed(district: District) -> None:
    member = district.member()
    sale = sell(district, member, 10_000)
    body = {"transaction_id": sale["id"], "reference": "RF-2", "amount": 4_000}
    first = refund(district, idempotency_key="k1", **body).ok(201)
    sell(district, member, 10_000)
    again = refund(district, idempotency_key="k1", **body)
    assert (again.ok(201), again.headers["Idempotent-Replayed"]) == (first, "true")
    assert refund(district, idempotency_key="k1", **{**body, "amount": 1}).code == "idempotency-key-reused"


@pytest.mark.parametrize("named", ["id", "reference"])
def test_unknown_sales(district: District, other_district: District, named: str) -> None:
    foreign = other_district.report().ok(201)
    neighbour = district.report(store_id=district.other_shop.store_id).ok(201)
    for sale in (foreign, neighbour):
        body = {"transaction_id": sale["id"]} if named == "id" else {"transaction_reference": sale["reference"]}
        refused = refund(district, key=district.shop.key, amount=1, **body)
        assert (refused.status, refused.code) == (404, "sale-not-recorded-yet")
        assert refused.pointers == {"/transaction_id" if named == "id" else "/transaction_reference"}
    body = {"transaction_reference": "R", "merchant_id": other_district.shop.merchant_id, "amount": 1}
    assert refund(district, key=district.shop.key, **body).status == 404
    assert refund(district, **body).status == 404


def test_another_s_refund_is_not_found(district: District, other_district: District) -> None:
    sale = district.report().ok(201)
    made = give_back(district, sale["id"], 100)
    path = f"/v1/refunds/{made['id']}"
    for key in (other_district.key, district.other_shop.key):
        assert district.api.get(path, key).status == 404
        assert district.api.get("/v1/refunds", key).ok()["data"] == []


def test_an_unclaimed_sale_is_given_back_and_earns_for_the_rest(district: District) -> None:
    member = district.member()
    sale = district.report(amount=10_000).ok(201)
    back = give_back(district, sale["id"], 2_500)
    assert (back["money_amount"], back["points_reversed"], back["balance"]) == (2_500, 0, None)
    path = f"/v1/transactions/{sale['id']}/claim"
    claimed = district.api.post(path, {"member_id": member}, district.key).ok()
    assert claimed["points_earned"] == 75
    assert give_back(district, sale["id"], 7_500)["points_reversed"] == 75
    assert figures(district, member) == (0, 0, 0)
    assert broken(district.id) == {}


def test_a_phone_that_joins_late_earns_for_what_was_kept(district: District) -> None:
    phone = new_phone()
    sale = district.report(phone=phone, amount=10_000).ok(201)
    give_back(district, sale["id"], 10_000)
    member = district.member(phone)
    assert figures(district, member) == (0, 0, 0)
    assert broken(district.id) == {}


def test_a_batch_of_refunds_in_order(district: District) -> None:
    member = district.member()
    sale = sell(district, member, 10_000)
    other = sell(district, member, 5_000)
    refunds = [
        {"transaction_id": sale["id"], "reference": "B-1", "amount": 6_000},
        {"transaction_id": sale["id"], "reference": "B-2", "amount": 6_000},
        {"transaction_id": sale["id"], "reference": "B-1", "amount": 6_000},
        {"transaction_id": other["id"], "reference": "B-3", "amount": 5_000},
        {"transaction_id": "txn_" + "0" * 32, "reference": "B-4", "amount": 1},
        {"reference": "B-5", "amount": 1},
    ]
    answer = district.api.post("/v1/refunds/batch", {"refunds": refunds}, district.key, "batch").ok(200)
    assert [one["status"] for one in answer["results"]] == [201, 422, 200, 201, 404, 422]
    assert answer["results"][2]["refund"]["id"] == answer["results"][0]["refund"]["id"]
    assert figures(district, member) == (40, 0, 0)
    again = district.api.post("/v1/refunds/batch", {"refunds": refunds}, district.key, "batch")
    assert (again.ok(200), again.headers["Idempotent-Replayed"]) == (answer, "true")
    assert broken(district.id) == {}


def test_spending_and_refunds_show_in_the_day(district: District) -> None:
    member = district.member()
    sell(district, member, 30_000)
    sale = sell(district, member, 10_000, points_to_spend=200)
    give_back(district, sale["id"], 5_000)
    day = sale["recorded_at"]
    events = [
        (one["type"], one["data"].get("points_restored"))
        for one in district.api.get("/v1/events?limit=100", district.key).ok()["data"]
        if one["type"] == "refund.recorded"
    ]
    assert day
    assert events == [("refund.recorded", 100)]


def test_a_rule_s_later_change_does_not_touch_what_was_earned(district: District) -> None:
    member = district.member()
    sale = sell(district, member, 10_000)
    new_version(district, base_rule(points=9))
    assert give_back(district, sale["id"], 5_000)["points_reversed"] == 50
    assert figures(district, member) == (50, 0, 0)


def test_each_movement_has_its_reason(district: District, superuser: psycopg.Connection) -> None:
    member = district.member()
    sale = sell(district, member, 10_000, points_to_spend=0)
    back = give_back(district, sale["id"], 10_000)
    newest = entries(district, member)[0]
    assert (newest["code"], newest["points"], newest["balance_after"]) == ("reverse", -100, 0)
    assert newest["source"] == {"kind": "refund", "id": back["id"]}
