"""Tiers at work: reached, held, kept and lost, by sales, refunds, claims and the clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.foundation.clock import format_instant
from app.points.tasks import review_district
from tests.factories.books import broken
from tests.factories.clock import SetClock, local
from tests.factories.districts import District, new_district, new_phone
from tests.factories.points import adjust, base_rule, multiplier, new_version
from tests.factories.refunds import give_back
from tests.factories.tiers import change_tier, name_of, new_tier, tier_events, tier_of


@pytest.fixture
def district(timed: District) -> District:
    """A new district that lives by the clock of the test."""
    return timed


@pytest.fixture(autouse=True)
def _balanced(district: District, timed_app: Flask, clock: SetClock) -> Iterator[None]:
    clock.go(0)
    with timed_app.app_context():
        yield
        assert broken(district.id) == {}


def buy(district: District, member: str | None, points: int, days: int = 0, at: str = "12:00", **sale: Any) -> Any:
    """A sale that earns so many points, on the local day that is so many days from DAY."""
    occurred_at = format_instant(local(days, at))
    return district.report(member_id=member, amount=points * 100, occurred_at=occurred_at, **sale).ok(201)


def day_of(days: int) -> str:
    """How the start of a local day is written."""
    return format_instant(local(days, "00:00"))


def test_a_tier_is_reached_by_the_sale_that_crosses_and_counts_from_the_next(
    district: District, clock: SetClock
) -> None:
    gold = new_tier(district)
    only = {"tier_ids": [gold]}
    new_version(district, base_rule(), multiplier("golden", conditions=only))
    clock.go(1)
    member = district.member()
    assert buy(district, member, 499, 1)["points_earned"] == 499
    assert tier_of(district, member) is None
    crossing = buy(district, member, 1, 1)
    assert crossing["explanation"][1]["code"] == "other-tier"
    shown = tier_of(district, member)
    assert shown == {
        "id": gold,
        "name": "Gold",
        "rank": 2,
        "since": format_instant(local(1)),
        "held_until": day_of(31),
    }
    assert buy(district, member, 10, 1)["points_earned"] == 20
    assert tier_events(district, member) == [("gained", gold, None)]
    assert tier_of(district, district.member()) is None


def test_each_sale_of_a_batch_sees_the_tier_left_by_those_before_it(district: District) -> None:
    silver, gold = new_tier(district, "Silver", 1, threshold=100), new_tier(district)
    rules = [multiplier(name, conditions={"tier_ids": [tier]}) for name, tier in (("s", silver), ("g", gold))]
    new_version(district, base_rule(), *rules)
    member, other = district.member(), district.member()
    sales = [district.sale(member_id=one, amount=30_000) for one in (member, other, member, member)]
    results = district.api.post("/v1/transactions/batch", {"transactions": sales}, district.key).ok(200)["results"]
    given = [[line["points"] for line in one["transaction"]["explanation"]] for one in results]
    assert given == [[300, 0, 0], [300, 0, 0], [300, 300, 0], [300, 0, 300]]
    assert tier_events(district, member) == [("gained", silver, None), ("gained", gold, silver)]
    assert name_of(district, other) == "Silver"


def test_the_highest_rank_wins(district: District) -> None:
    silver, gold = new_tier(district, "Silver", 1, threshold=100), new_tier(district)
    member = district.member()
    sale = buy(district, member, 800)
    assert name_of(district, member) == "Gold"
    assert tier_events(district, member) == [("gained", gold, None)], "told of once, and of the one that counts"
    give_back(district, sale["id"], 40_000)
    assert name_of(district, member) == "Silver"
    give_back(district, sale["id"], 40_000)
    assert name_of(district, member) is None
    assert tier_events(district, member)[1:] == [("lost", gold, silver), ("lost", silver, None)]


def test_by_amount_what_is_paid_in_money_counts(district: District) -> None:
    new_tier(district, qualifies_by="amount_spent", threshold=20_000)
    new_version(district, base_rule(per_amount=10_000))
    member = district.member()
    adjust(district, member, 5_000)
    key = district.key
    spent = district.report(key=key, member_id=member, amount=20_000, points_to_spend=1_000).ok(201)
    assert (spent["paid_amount"], name_of(district, member)) == (19_000, None)
    buy(district, member, 10)
    assert name_of(district, member) == "Gold"
    give_back(district, spent["id"], 20)
    assert name_of(district, member) is None, "19 of these 20 were paid in money"


def test_adjustments_don_t_count(district: District) -> None:
    new_tier(district)
    member = district.member()
    adjust(district, member, 10_000)
    assert tier_of(district, member) is None
    buy(district, member, 1)
    assert tier_of(district, member) is None


def test_it_is_held_and_then_looked_at_again(district: District, clock: SetClock) -> None:
    gold = new_tier(district)
    clock.go(1)
    member = district.member()
    buy(district, member, 500, 1)
    clock.go(20)
    buy(district, member, 499, 20)
    clock.go(30, "23:59")
    review_district(district.id)
    assert name_of(district, member) == "Gold", (
        "through the 30th day, though nothing of the first is in the window then"
    )
    clock.go(31, "00:00")
    assert tier_of(district, member) is None, "by itself, before any job"
    assert tier_events(district, member) == [("gained", gold, None)]
    review_district(district.id)
    review_district(district.id)
    assert tier_events(district, member) == [("gained", gold, None), ("lost", gold, None)]
    assert tier_of(district, member) is None
    buy(district, member, 1, 30)
    assert name_of(district, member) == "Gold", "20 and 30 make 500"


def test_who_bought_enough_meanwhile_keeps_it(district: District, clock: SetClock) -> None:
    gold = new_tier(district)
    clock.go(1)
    member = district.member()
    buy(district, member, 500, 1)
    clock.go(20)
    buy(district, member, 500, 20)
    clock.go(40)
    assert tier_of(district, member) == {**held(gold), "since": format_instant(local(1)), "held_until": day_of(61)}
    review_district(district.id)
    assert tier_of(district, member) == {**held(gold), "since": format_instant(local(1)), "held_until": day_of(61)}
    assert tier_events(district, member) == [("gained", gold, None)]
    clock.go(200)
    buy(district, member, 1, 200)
    assert tier_of(district, member) is None
    assert tier_events(district, member) == [("gained", gold, None), ("lost", gold, None)]


def held(tier: str) -> dict[str, Any]:
    return {"id": tier, "name": "Gold", "rank": 2}


def test_a_sale_after_the_hold_earns_without_it_though_no_job_has_run(district: District, clock: SetClock) -> None:
    gold = new_tier(district)
    new_version(district, base_rule(), multiplier("golden", conditions={"tier_ids": [gold]}))
    clock.go(1)
    member = district.member()
    buy(district, member, 500, 1)
    clock.go(30)
    assert buy(district, member, 10, 30)["points_earned"] == 20
    clock.go(31)
    quote = district.api.post("/v1/transactions/quote", district.sale(member_id=member, amount=1_000), district.key)
    assert quote.ok(200)["points_earned"] == 10
    assert tier_events(district, member) == [("gained", gold, None)], "a quote changes nothing"
    assert buy(district, member, 10, 31)["points_earned"] == 10
    assert tier_events(district, member) == [("gained", gold, None), ("lost", gold, None)]


def test_a_refund_that_undoes_it_takes_it_back_at_once(district: District, clock: SetClock) -> None:
    gold = new_tier(district)
    clock.go(1)
    member = district.member()
    first = buy(district, member, 300, 1)
    crossing = buy(district, member, 250, 1)
    clock.go(3)
    give_back(district, crossing["id"], 5_000)
    assert name_of(district, member) == "Gold", "500 are left"
    later = buy(district, member, 10, 3)
    give_back(district, later["id"], 1_000)
    assert name_of(district, member) == "Gold", "what came later is not what it rests on"
    give_back(district, first["id"], 100)
    assert tier_of(district, member) is None
    assert tier_events(district, member) == [("gained", gold, None), ("lost", gold, None)]
    buy(district, member, 1, 3)
    assert tier_events(district, member)[2:] == [("gained", gold, None)]


def test_a_refund_where_enough_was_bought_since(district: District, clock: SetClock) -> None:
    gold = new_tier(district)
    clock.go(1)
    member = district.member()
    first = buy(district, member, 500, 1)
    clock.go(5)
    buy(district, member, 500, 5)
    give_back(district, first["id"], 50_000)
    assert tier_of(district, member) == {**held(gold), "since": format_instant(local(1)), "held_until": day_of(35)}
    assert tier_events(district, member) == [("gained", gold, None)]


def test_a_batch_of_refunds(district: District) -> None:
    new_tier(district)
    one, other = district.member(), district.member()
    sales = [buy(district, member, 260) for member in (one, one, other, other)]
    refunds = [
        {"transaction_id": sale["id"], "reference": f"B{number}", "amount": 1_000}
        for number, sale in enumerate(sales[:3])
    ]
    assert district.api.post("/v1/refunds/batch", {"refunds": refunds}, district.key).ok(200)
    assert (name_of(district, one), name_of(district, other)) == ("Gold", "Gold")
    refunds = [
        {"transaction_id": sale["id"], "reference": f"C{number}", "amount": 100}
        for number, sale in enumerate(sales[:2])
    ]
    assert district.api.post("/v1/refunds/batch", {"refunds": refunds}, district.key).ok(200)
    assert (name_of(district, one), name_of(district, other)) == (None, "Gold")


def test_late_sales_count_on_their_own_days(district: District) -> None:
    new_tier(district)
    member = district.member()
    buy(district, member, 1_000, -30)
    assert tier_of(district, member) is None, "30 days with today begin 29 days ago"
    buy(district, member, 499, -29)
    assert tier_of(district, member) is None
    buy(district, member, 1, -10)
    assert name_of(district, member) == "Gold"
    shown = tier_of(district, member)
    assert shown is not None
    assert shown["held_until"] == day_of(30), "from the day on which it was reached"


def test_the_day_is_the_local_one(district: District) -> None:
    new_tier(district, threshold=100)
    late, early = district.member(), district.member()
    buy(district, late, 100, -29, "00:00")
    buy(district, early, 100, -30, "23:59")
    assert (name_of(district, late), name_of(district, early)) == ("Gold", None)


def test_a_till_whose_clock_is_ahead(district: District, clock: SetClock) -> None:
    new_tier(district)
    member = district.member()
    clock.go(1, "23:55")
    sale = buy(district, member, 500, 2, "00:01")
    shown = tier_of(district, member)
    assert shown is not None
    assert shown["held_until"] == day_of(32)
    clock.go(31, "23:59")
    assert name_of(district, member) == "Gold"
    give_back(district, sale["id"], 100)
    assert name_of(district, member) is None


def test_what_was_bought_before_the_first_tier_counts(district: District, clock: SetClock) -> None:
    member, other = district.member(), district.member()
    sale = buy(district, member, 600, -3)
    give_back(district, sale["id"], 10_000)
    buy(district, other, 499, -3)
    district.report(amount=100_000).ok(201)
    gold = new_tier(district)
    assert name_of(district, member) == "Gold"
    assert tier_of(district, other) is None
    review_district(district.id)
    assert tier_events(district, member) == [("gained", gold, None)]
    silver = new_tier(district, "Silver", 1, threshold=400)
    assert name_of(district, other) == "Silver"
    assert district.report(member_id=other).ok(201)
    assert tier_events(district, other) == [("gained", silver, None), ("gained", gold, silver)]


def test_changed_terms_count_for_who_reaches_and_not_for_who_holds(district: District, clock: SetClock) -> None:
    gold = new_tier(district)
    clock.go(1)
    one, other = district.member(), district.member()
    buy(district, one, 500, 1)
    buy(district, other, 499, 1)
    change_tier(district, gold, threshold=600)
    assert name_of(district, one) == "Gold"
    change_tier(district, gold, threshold=400)
    review_district(district.id)
    assert (name_of(district, one), name_of(district, other)) == ("Gold", "Gold")
    assert tier_events(district, other) == [("gained", gold, None)]
    review_district(district.id)
    change_tier(district, gold, threshold=600, name="Platinum")
    clock.go(20)
    buy(district, one, 550, 20)
    clock.go(31)
    assert (name_of(district, one), name_of(district, other)) == (None, None)
    change_tier(district, gold, threshold=1)
    assert (name_of(district, one), name_of(district, other)) == ("Platinum", None)


def test_a_claim_counts_by_the_day_of_its_sale(district: District) -> None:
    new_tier(district, qualifies_by="amount_spent", threshold=30_000)
    phone, member = new_phone(), district.member()
    old, fresh = buy(district, None, 300, -30), buy(district, None, 300, -2)
    give_back(district, fresh["id"], 100)
    for sale in (old, fresh):
        district.api.post(f"/v1/transactions/{sale['id']}/claim", {"member_id": member}, district.key).ok(200)
    assert tier_of(district, member) is None, "a yuan was given back before"
    district.report(amount=30_000, phone=phone).ok(201)
    joined = district.api.post("/v1/members", {"phone": phone}, district.key).ok(201)
    assert joined["tier"]["name"] == "Gold"


def test_the_next_tier_what_is_missing_and_by_when(district: District, clock: SetClock) -> None:
    member = district.member()
    assert district.balance(member)["next_tier"] is None
    silver = new_tier(district, "Silver", 1, threshold=100)
    new_tier(district, qualifies_by="amount_spent", threshold=100_000, period_days=10)
    progress = {"id": silver, "name": "Silver", "rank": 1, "qualifies_by": "points_earned", "threshold": 100}
    assert district.balance(member)["next_tier"] == {**progress, "counted": 0, "missing": 100, "by": None}
    buy(district, member, 40, -3)
    buy(district, member, 20, -1)
    by = local(26).date().isoformat()
    assert district.balance(member)["next_tier"] == {**progress, "counted": 60, "missing": 40, "by": by}
    clock.set(local(26, "23:59"))
    assert district.balance(member)["next_tier"]["counted"] == 60
    clock.set(local(27, "00:00"))
    assert district.balance(member)["next_tier"]["counted"] == 20
    clock.go(27)
    buy(district, member, 500, 27)
    towards = district.balance(member)["next_tier"]
    assert (towards["name"], towards["counted"], towards["missing"]) == ("Gold", 50_000, 50_000)
    buy(district, member, 500, 27)
    assert district.balance(member)["next_tier"] is None


def test_midnight_elsewhere(district: District, clock: SetClock) -> None:
    there = new_district(district.api, time_zone="America/New_York")
    new_tier(there, threshold=100, period_days=1)
    member = there.member()
    clock.set(local(1, "11:00"))  # the evening before, in New York, summer or winter
    there.report(member_id=member, amount=10_000).ok(201)
    assert name_of(there, member) == "Gold"
    clock.set(local(1, "11:59"))
    assert name_of(there, member) == "Gold"
    clock.set(local(1, "13:00"))
    assert name_of(there, member) is None
