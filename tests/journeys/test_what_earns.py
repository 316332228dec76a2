"""On which amount points are earned, and why a sale earned none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.districts import District
from tests.factories.points import adjust, base_rule, bonus, change_programme, figures, multiplier, new_version
from tests.factories.refunds import give_back

CHARGES = {"shipping": 1_000, "tax": 768, "gift card": 5_000}
"""Of a bill of 12800: what a merchant may not want to earn."""


@pytest.mark.parametrize(
    ("sale", "paid", "eligible", "points"),
    [
        pytest.param({}, 12_800, 12_800, 128, id="the whole bill, where the shop says nothing"),
        pytest.param({"points_to_spend": 300}, 12_500, 12_500, 125, id="not what points paid"),
        pytest.param({"points_to_spend": 300, "eligible_amount": 12_500}, 12_500, 12_500, 125, id="all that was paid"),
        pytest.param({"eligible_amount": 12_800 - sum(CHARGES.values())}, 12_800, 6_032, 60, id="less the charges"),
        pytest.param(
            {"points_to_spend": 300, "eligible_amount": 1_000}, 12_500, 1_000, 10, id="a part of what was paid"
        ),
        pytest.param({"eligible_amount": 0}, 12_800, 0, 0, id="nothing of it"),
        pytest.param({"points_to_spend": 12_800}, 0, 0, 0, id="nothing is left to pay"),
    ],
)
def test_what_was_paid_in_money_earns(
    district: District, sale: dict[str, Any], paid: int, eligible: int, points: int
) -> None:
    """The answer names the amount; items and their sums have no say."""
    member = district.member()
    adjust(district, member, 12_800)
    items = [{"name": name, "quantity": 1, "amount": amount} for name, amount in CHARGES.items()]
    told = district.report(member_id=member, items=items, **sale).ok(201)
    assert (told["amount"], told["paid_amount"], told["eligible_amount"]) == (12_800, paid, eligible)
    assert told["points_earned"] == points


@pytest.mark.parametrize(
    ("sale", "eligible"),
    [({}, 12_801), ({"points_to_spend": 300}, 12_501), ({"points_to_spend": 12_800}, 1), ({"amount": 0}, 1)],
)
def test_more_than_was_paid_never_earns(district: District, sale: dict[str, Any], eligible: int) -> None:
    member = district.member()
    adjust(district, member, 12_800)
    refused = district.report(member_id=member, eligible_amount=eligible, **sale)
    assert (refused.status, refused.pointers) == (422, {"/eligible_amount"})
    assert figures(district, member) == (12_800, 0, 0)


def test_points_worth_a_fraction_leave_whole_fen_to_earn(district: District) -> None:
    change_programme(district, point_value="0.3333")
    member = district.member()
    adjust(district, member, 1_000)
    told = district.report(member_id=member, amount=10_000, points_to_spend=1_000).ok(201)
    assert (told["points_amount"], told["paid_amount"], told["points_earned"]) == (333, 9_667, 96)


WHY = [
    pytest.param({"amount": 99}, [base_rule()], "amount-too-small", id="too small"),
    pytest.param({"amount": 0}, [base_rule()], "nothing-eligible", id="nothing bought"),
    pytest.param({"eligible_amount": 0}, [base_rule()], "nothing-eligible", id="nothing that earns"),
    pytest.param({}, [base_rule(conditions={"min_amount": 12_801})], "below-min-amount", id="below the minimum"),
    pytest.param({}, [base_rule(conditions={"max_amount": 12_799})], "above-max-amount", id="above the maximum"),
    pytest.param({}, [base_rule(conditions={"channels": ["app"]})], "other-channel", id="another channel"),
    pytest.param(
        {"payment_method": "cash"},
        [base_rule(conditions={"payment_methods": ["wechat"]})],
        "other-payment-method",
        id="another way to pay",
    ),
    pytest.param({}, [base_rule(conditions={"categories": ["cinema"]})], "other-category", id="another kind of shop"),
    pytest.param({}, [base_rule(conditions={"date_to": "2020-12-31"})], "outside-dates", id="over"),
    pytest.param({}, [base_rule(conditions={"tags": ["staff"]})], "other-tag", id="others"),
    pytest.param(
        {"occurred_at": "2021-06-05T09:00:00+08:00"},
        [base_rule(conditions={"weekdays": [1, 2, 3, 4, 5]})],
        "outside-weekdays",
        id="another day",
    ),
    pytest.param(
        {"occurred_at": "2021-06-05T09:00:00+08:00"},
        [base_rule(conditions={"time_windows": [{"from": "18:00", "to": "09:00"}]})],
        "outside-time-windows",
        id="another hour",
    ),
]


@pytest.mark.parametrize(("sale", "rules", "code"), WHY)
def test_a_sale_that_earned_nothing_says_why(
    district: District, sale: dict[str, Any], rules: list[dict[str, Any]], code: str
) -> None:
    """A stable code for the shop's system, and words for the person, in Chinese and English."""
    new_version(district, *rules, effective_at="2021-06-01T00:00:00+08:00")
    member = district.member()
    told = district.report(member_id=member, **sale).ok(201)
    assert told["points_earned"] == 0
    words = []
    for language in ("zh-CN", "en"):
        path = f"/v1/transactions/{told['id']}"
        [line] = district.api.get(path, district.key, **{"Accept-Language": language}).ok()["explanation"]
        assert (line["outcome"], line["code"], line["points"]) == ("skipped", code, 0)
        words.append(line["why"])
    assert all(words)
    assert words[0] != words[1]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in words[0])


def test_every_rule_is_explained_whether_it_counted_or_not(district: District) -> None:
    rules = [
        base_rule(),
        base_rule(key="vip", priority=1, conditions={"min_amount": 50_000}),
        multiplier("night", conditions={"channels": ["app"]}),
        bonus("over200", min_amount=20_000),
    ]
    new_version(district, *rules)
    told = district.report(member_id=district.member()).ok(201)
    lines = [(one["rule_key"], one.get("code", one["outcome"]), one["points"]) for one in told["explanation"]]
    assert lines == [
        ("base", "applied", 128),
        ("vip", "below-min-amount", 0),
        ("night", "other-channel", 0),
        ("over200", "below-min-amount", 0),
    ]


def test_an_explanation_stays_when_rules_change_and_sales_go_back(district: District) -> None:
    member = district.member()
    sale = district.report(member_id=member, amount=99).ok(201)
    new_version(district, base_rule(points=9))
    give_back(district, sale["id"], 50)
    told = district.api.get(f"/v1/transactions/{sale['id']}", district.key).ok()
    assert told["explanation"] == sale["explanation"]


def test_a_sale_that_is_nobody_s_yet_is_explained_when_it_is_claimed(district: District) -> None:
    sale = district.report(amount=99).ok(201)
    assert (sale["points_earned"], sale["explanation"]) == (0, [])
    body = {"member_id": district.member()}
    claimed = district.api.post(f"/v1/transactions/{sale['id']}/claim", body, district.key).ok(200)
    assert [one["code"] for one in claimed["explanation"]] == ["amount-too-small"]
