"""However a sale with coupons is given back whole, by items or in proportion, it ends alike."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.factories.books import broken
from tests.factories.coupons import campaign_of, claim, new_campaign
from tests.factories.districts import District
from tests.factories.points import base_rule, bonus, change_programme, figures, new_version
from tests.factories.refunds import give_back

SUMS = ("amount", "money_amount", "discount_reversed", "points_reversed", "points_restored")
FUNDING = {"district": 5, "merchant": 95, "government": 0}


class Basket(NamedTuple):
    """Items (amount, quantity), what the bill has above them, and the points that pay for some of it."""

    items: tuple[tuple[int, int], ...]
    rest: int
    points: int

    @property
    def amount(self) -> int:
        return sum(amount for amount, _ in self.items) + self.rest


BASKETS = st.builds(
    Basket,
    items=st.lists(
        st.tuples(st.sampled_from((0, 1, 700, 3_333, 10_000)), st.integers(1, 3)), min_size=1, max_size=3
    ).map(tuple),
    rest=st.sampled_from((0, 0, 999)),
    points=st.sampled_from((0, 0, 7)),
).filter(lambda basket: basket.amount > 100)


def sold(district: District, campaigns: list[str], basket: Basket) -> tuple[str, Any, list[Any]]:
    """A member, a sale to it with a coupon of each campaign that has something to take, and these coupons."""
    member = district.member()
    district.report(member_id=member, amount=10_000).ok(201)
    coupons = [claim(district, one, member).ok(201) for one in campaigns]
    items = [
        {"sku": "AB"[place % 2], "amount": amount, "quantity": quantity}
        for place, (amount, quantity) in enumerate(basket.items)
    ]
    body = {"member_id": member, "amount": basket.amount, "items": items, "points_to_spend": basket.points}
    sale = district.report(**body, coupons=[one["code"] for one in coupons]).ok(201)
    return member, sale, coupons


def in_proportion(sale: Any, chance: Any) -> list[dict[str, Any]]:
    left, parts = sale["amount"], []
    while left:
        parts.append({"amount": chance.randint(1, left)})
        left -= parts[-1]["amount"]
    return parts


def by_items(sale: Any, chance: Any) -> list[dict[str, Any]]:
    """Units in any order, those worth nothing with the next ones; and what is above the items without any."""
    units = [place for place, item in enumerate(sale["items"]) for _ in range(item["quantity"])]
    chance.shuffle(units)
    parts, back, named = list[dict[str, Any]](), [0] * len(sale["items"]), list[int]()
    for unit in units:
        named.append(unit)
        before = sum(worth(item, count) for item, count in zip(sale["items"], back, strict=True))
        counts = [count + named.count(place) for place, count in enumerate(back)]
        amount = sum(worth(item, count) for item, count in zip(sale["items"], counts, strict=True)) - before
        if amount and chance.random() < 0.6:
            parts.append({"amount": amount, "items": [{"line": place, "quantity": 1} for place in named]})
            back, named = counts, []
    left = sale["amount"] - sum(one["amount"] for one in parts)
    return [*parts, {"amount": left}] if left else parts


def worth(item: dict[str, Any], count: int) -> int:
    return int(item["amount"]) * count // int(item["quantity"])


def test_any_split_ends_alike(app: Flask, district: District) -> None:
    half = {"merchant": 50, "district": 50}
    new_version(district, base_rule(points=3, per_amount=700, funding=half), bonus("over", points=50, min_amount=7_000))
    change_programme(district, spend_proof="any")
    campaigns = [
        new_campaign(
            district, amount_off=77, min_amount=0, stacking_group="a", item_skus=["A"], budget=10**9, funding=FUNDING
        )["id"],
        new_campaign(
            district,
            kind="percent_off",
            amount_off=None,
            percent_off=33,
            min_amount=0,
            stacking_group="b",
            funding=FUNDING,
            on_refund="forfeit",
        )["id"],
    ]

    @settings(max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(basket=BASKETS, chance=st.randoms(use_true_random=True))
    def ends_alike(basket: Basket, chance: Any) -> None:
        if not basket.items[0][0]:
            return
        ends = []
        for split in (None, in_proportion, by_items):
            member, sale, coupons = sold(district, campaigns, basket)
            parts = [{"amount": sale["amount"]}] if split is None else split(sale, chance)
            backs = [give_back(district, sale["id"], **part) for part in parts]
            assert all(one[name] >= 0 for one in backs for name in SUMS)
            available, pending, owed = figures(district, member)
            states = [district.api.get(f"/v1/coupons/{one['code']}", district.key).ok(200)["status"] for one in coupons]
            ends.append([*(sum(one[name] for one in backs) for name in SUMS), pending, available - owed, states])
            assert ends[-1][:3] == [sale["amount"], sale["paid_amount"], sale["discount_amount"]]
            assert states == ["issued", "redeemed"]
        assert ends[0] == ends[1] == ends[2]

    with app.app_context():
        ends_alike()
        assert [campaign_of(district, one)["counts"]["discount_given"] for one in campaigns] == [0, 0]
        assert broken(district.id) == {}
