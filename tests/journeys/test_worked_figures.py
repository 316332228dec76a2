"""Worked figures, as a merchant's system meets them: points, refunds, the till."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories.books import broken
from tests.factories.clock import ago
from tests.factories.districts import District
from tests.factories.points import adjust, base_rule, bonus, change_programme, multiplier, new_version
from tests.factories.refunds import give_back

OVER_200 = bonus("over200", min_amount=20_000)
NIGHT = multiplier("night", "2.0")
FESTIVAL = multiplier("festival", "3.0", exclusive_group="festival")
GOLD = multiplier("tier", "1.5", conditions={"tags": ["gold"]})
DAILY = base_rule(caps={"per_member_per_day": 200})
BIRTHDAY = bonus("birthday", points=88, conditions={"birthday": "month"})

POINTS = [
    pytest.param(1_280, [base_rule()], 12, id="12"),
    pytest.param(1_280, [base_rule(), GOLD], 19, id="19.2 rounded once, not 12 × 1.5"),
    pytest.param(1_280, [base_rule(), GOLD, NIGHT], 32, id="1 + 0.5 + 1.0"),
    pytest.param(
        1_280, [base_rule(), {**NIGHT, "exclusive_group": "festival"}, FESTIVAL], 38, id="the larger of a group"
    ),
    pytest.param(99, [base_rule()], 0, id="too little"),
    pytest.param(25_000, [base_rule(), OVER_200], 300, id="a bonus"),
    pytest.param(0, [base_rule(), BIRTHDAY], 0, id="nothing bought on the birthday"),
]


@pytest.fixture(autouse=True)
def _balanced(district: District, context: None) -> Iterator[None]:
    yield
    assert broken(district.id) == {}


def sell(district: District, member: str, amount: int, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = district.report(member_id=member, amount=amount, **more).ok(201)
    return made


def spend(district: District, member: str, points: int) -> None:
    sell(district, member, points, points_to_spend=points, store_id=district.other_shop.store_id)


@pytest.mark.parametrize(("eligible", "rules", "points"), POINTS)
def test_points(district: District, eligible: int, rules: list[dict[str, Any]], points: int) -> None:
    new_version(district, *rules)
    member = district.member(tags=["gold"], birthday=ago()[:10])
    told = sell(district, member, eligible)
    assert told["points_earned"] == points == sum(one["points"] for one in told["explanation"])
    assert told["balance"] == {"available": points, "pending": 0, "owed": 0}
    assert all(one["why"] for one in told["explanation"] if one["outcome"] == "skipped")


@pytest.mark.parametrize(("rules", "points"), [([DAILY], 160), ([DAILY, NIGHT], 320)])
def test_points_under_a_cap(district: District, rules: list[dict[str, Any]], points: int) -> None:
    """200 a day on the base rule, of which it gave 40 today; the night doubles what is left."""
    new_version(district, *rules)
    member = district.member()
    assert sell(district, member, 4_000)["explanation"][0]["points"] == 40
    assert sell(district, member, 25_000)["points_earned"] == points


SPENT = [
    pytest.param([(0, 6_000, 110, 0), (0, 19_000, 190, 0)], 0, id="nothing was spent"),
    pytest.param([(250, 6_000, 110, 60)], 60, id="250 were spent before"),
    pytest.param([(0, 6_000, 110, 0), (190, 19_000, 190, 190)], 190, id="the rest was spent in between"),
    pytest.param([(300, 25_000, 300, 300)], 300, id="all was spent"),
]


@pytest.mark.parametrize(("steps", "owed"), SPENT)
def test_refunds(district: District, steps: list[tuple[int, int, int, int]], owed: int) -> None:
    """Each step: points spent, bill given back; points that go back, and those of them that are owed."""
    new_version(district, base_rule(), OVER_200)
    member = district.member()
    sale = sell(district, member, 25_000)
    assert sale["points_earned"] == 300
    for points, amount, reversed_, missing in steps:
        if points:
            spend(district, member, points)
        back = give_back(district, sale["id"], amount)
        assert (back["points_reversed"], back["points_owed"]) == (reversed_, missing)
    assert district.balance(member)["owed"] == owed
    if owed == 60:
        later = sell(district, member, 8_000)
        assert (later["points_earned"], later["balance"]["available"], later["balance"]["owed"]) == (80, 20, 0)


def test_a_refund_of_what_has_expired_owes_nothing(district: District) -> None:
    member = district.member()
    sale = sell(district, member, 10_000, occurred_at=ago(days=800))
    back = give_back(district, sale["id"], 10_000)
    assert (sale["points_earned"], back["points_reversed"], back["points_owed"]) == (100, 100, 0)


def test_the_till(district: District) -> None:
    """Bill 12800, of which a coupon takes 1000 and 300 points take 300: 11500 is paid and earns 115.

    Here the bill comes without the coupon's part. The same request again changes nothing; another body is refused.
    """
    member = district.member()
    adjust(district, member, 300)
    body = district.sale(member_id=member, amount=11_800, points_to_spend=300)
    quoted = district.api.post("/v1/transactions/quote", body, district.key).ok(200)
    told = district.api.post("/v1/transactions", body, district.key).ok(201)
    for one in (quoted, told):
        assert (one["points_spent"], one["points_amount"], one["paid_amount"]) == (300, 300, 11_500)
        assert (one["eligible_amount"], one["points_earned"]) == (11_500, 115)
    assert district.api.post("/v1/transactions", body, district.key).ok(200) == told
    assert district.api.post("/v1/transactions", {**body, "amount": 11_801}, district.key).code == "reference-conflict"
    assert district.balance(member)["available"] == 115


def test_half_up_rounds_the_sum_once(district: District) -> None:
    """Frozen with the sale: what is left of it is rounded as it was, whatever the programme says later."""
    change_programme(district, rounding="half_up")
    new_version(district, base_rule(), GOLD)
    member = district.member(tags=["gold"])
    sale = sell(district, member, 1_300)
    assert sale["points_earned"] == 20, "19.5"
    change_programme(district, rounding="floor")
    back = give_back(district, sale["id"], 300)
    assert back["points_reversed"] == 5, "15 of 15.0 are left"
    assert give_back(district, sale["id"], 300)["points_reversed"] == 4, "10.5 are 11"
