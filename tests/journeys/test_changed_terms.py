"""A change never worsens what was earned: two districts live alike until one changes its terms, and alike thereafter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.points.tasks import expire_district
from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.districts import District, new_district
from tests.factories.lots import LotRow, lots
from tests.factories.points import adjust, base_rule, bonus, change_programme, new_version
from tests.factories.refunds import give_back

START = datetime(2027, 5, 20, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
CHANGES: list[dict[str, Any]] = [
    {"point_value": "0.01"},
    {"point_value": "100"},
    {"rounding": "floor"},
    {"pending_days": 0},
    {"pending_days": 365},
    {"expiry": {"policy": "months", "months": 1}},
    {"expiry": {"policy": "year_end", "grace_months": 0}},
    {"expiry": {"policy": "never"}},
    {"max_spend_percent": 0},
    {"min_spend_points": 10_000},
    {"late_sale_days": 0},
    {"late_sale_days": None},
    {"spend_proof": "any"},
    {"rules": [base_rule(points=1, per_amount=10_000)]},
    {"rules": [base_rule(points=50), bonus("gift", points=1_000)]},
]


@dataclass(slots=True)
class Life:
    """A district with a member who has points of every state."""

    district: District
    member: str
    sales: dict[str, str]

    def told(self) -> dict[str, Any]:
        """What the member holds, as the district tells it."""
        points = self.district.balance(self.member)
        return {name: value for name, value in points.items() if name != "member_id"}

    def lots(self) -> list[LotRow]:
        return lots(self.district.id, self.member)

    def sale(self, name: str) -> dict[str, Any]:
        told: dict[str, Any] = self.district.api.get(f"/v1/transactions/{self.sales[name]}", self.district.key).ok()
        return told

    def give_back(self, name: str, amount: int) -> list[Any]:
        back = give_back(self.district, self.sales[name], amount)
        figures = ("money_amount", "points_reversed", "points_owed", "points_forgiven", "points_restored", "balance")
        return [back[name] for name in figures]


def live(app: Flask, clock: SetClock) -> Life:
    """Points that are available, pending, spent, owed and restored, at 3 points for 7.00 rounded half up."""
    clock.moment = START - timedelta(days=10)
    district = new_district(Api.inside(app, OPERATOR_KEY))
    change_programme(district, pending_days=7, rounding="half_up", expiry={"policy": "months", "months": 6})
    funding = {"merchant": 50, "district": 50}
    new_version(district, base_rule(points=3, per_amount=700, funding=funding), bonus("over", min_amount=20_000))
    member, sales = district.member(), {}

    def sell(name: str, amount: int, **more: Any) -> None:
        sales[name] = district.report(**{"member_id": member, "amount": amount, **more}).ok(201)["id"]

    sell("old", 100_050)
    clock.moment = START
    sell("paid", 10_000, points_to_spend=101)
    sell("spent", 20_000, points_to_spend=33)
    sell("pending", 33_333)
    sell("nobody's", 25_000, member_id=None)
    adjust(district, member, 17)
    give_back(district, sales["spent"], 7_777)
    give_back(district, sales["pending"], 1_000)
    return Life(district, member, sales)


def change(district: District, changes: dict[str, Any]) -> None:
    if "rules" in changes:
        new_version(district, *changes["rules"])
    else:
        change_programme(district, **changes)


@pytest.fixture
def twins(timed_app: Flask, clock: SetClock) -> Iterator[tuple[Life, Life]]:
    """Two that lived alike; their books hold whatever happens."""
    with timed_app.app_context():
        pair = live(timed_app, clock), live(timed_app, clock)
        yield pair
        for one in pair:
            assert broken(one.district.id) == {}


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_points_already_earned_keep_their_terms(
    twins: tuple[Life, Life], clock: SetClock, changes: dict[str, Any]
) -> None:
    same, changed = twins
    before = [changed.told(), changed.lots(), *map(changed.sale, changed.sales)]
    clock.moment += timedelta(minutes=1)
    change(changed.district, changes)
    assert [changed.told(), changed.lots(), *map(changed.sale, changed.sales)] == before
    assert changed.told() == same.told()
    clock.moment += timedelta(days=8)
    assert changed.told() == same.told(), "pending points become available when they were to"
    for name, amount in (("old", 33_333), ("paid", 10_000), ("spent", 12_223), ("pending", 32_333)):
        assert changed.give_back(name, amount) == same.give_back(name, amount), name
    assert changed.lots() == same.lots()
    clock.moment += timedelta(days=400)
    for one in twins:
        expire_district(one.district.id)
    assert changed.told() == same.told()


@pytest.mark.parametrize("changes", [one for one in CHANGES if "rules" not in one], ids=str)
def test_a_sale_claimed_later_has_the_terms_of_its_recording(
    twins: tuple[Life, Life], clock: SetClock, changes: dict[str, Any]
) -> None:
    same, changed = twins
    change(changed.district, changes)
    clock.moment += timedelta(days=1)
    claimed = []
    for one in twins:
        path = f"/v1/transactions/{one.sales[NOBODY]}/claim"
        told = one.district.api.post(path, {"member_id": one.member}, one.district.key).ok(200)
        claimed.append([told[name] for name in ("points_earned", "available_at", "expires_at", "balance")])
    assert claimed[0] == claimed[1]
    assert changed.lots() == same.lots()


NOBODY = "nobody's"


@pytest.mark.parametrize("policy", ["owe", "take", "forgive"])
def test_the_refund_policy_is_that_of_the_refund(twins: tuple[Life, Life], policy: str) -> None:
    """It alone counts for sales of before: points already owed stay so, and nothing is taken until a refund comes."""
    same, changed = twins
    before = changed.told()
    change_programme(changed.district, refund_policy=policy)
    assert changed.told() == before
    backs = [one.give_back("old", 100_050) for one in (same, changed)]
    assert backs[0][:2] == backs[1][:2], "the money and the points that go back"
    missing = backs[0][2]
    assert missing > 0
    owed, forgiven = backs[1][2:4]
    match policy:
        case "owe":
            assert (owed, forgiven) == (missing, 0)
        case "forgive":
            assert (owed, forgiven) == (0, missing)
        case "take":
            assert (forgiven, changed.told()["available"]) == (0, 0)
            left = [one.told()["available"] - one.told()["owed"] for one in twins]
            assert left[0] == left[1]
