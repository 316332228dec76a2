"""What coupons of other systems get wrong, and those of this one don't; races of the same stand in tests/races."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api
from tests.factories.clock import SetClock
from tests.factories.coupons import (
    campaign_of,
    claim,
    coupon_of,
    new_campaign,
    new_coupon,
    redeem,
    redemption_of,
    redemptions_of,
    reserve,
    roll_back,
)
from tests.factories.districts import District, new_district
from tests.factories.problems import check_problem


def test_one_coupon_pays_one_bill(district: District) -> None:
    """Used once it is refused on every other bill, by whatever way it comes: a coupon doesn't pay five orders."""
    coupon = new_coupon(district)
    sold = district.report(coupons=[coupon["code"]]).ok(201)
    assert sold["discount_amount"] == 1_000
    for refused in (
        district.report(coupons=[coupon["code"]]),
        district.report(coupons=[coupon["code"].lower()], store_id=district.other_shop.store_id),
        redeem(district, coupon["code"], reference="A-2"),
        reserve(district, coupon["code"], reference="A-3"),
    ):
        assert refused.status == 422
        assert [one["code"] for one in refused.body["errors"]] == ["redeemed"]
    twice = district.report(coupons=[coupon["code"], coupon["code"].replace("-", "")])
    assert [one["code"] for one in check_problem(twice, 422, "validation-failed").body["errors"]] == ["code-twice"]
    assert [one["transaction_id"] for one in redemptions_of(district)] == [sold["id"]]
    assert campaign_of(district, coupon["campaign_id"])["counts"]["discount_given"] == 1_000


def test_who_claims_nine_times_has_one(district: District) -> None:
    """Claims beyond the limit are told which coupon the member already has."""
    campaign, member = new_campaign(district, per_member_limit=1)["id"], district.member()
    had = claim(district, campaign, member).ok(201)["id"]
    for _ in range(8):
        refused = check_problem(claim(district, campaign, member), 409, "claim-limit-reached")
        assert refused.body["coupon_id"] == had
    assert campaign_of(district, campaign)["counts"]["issued"] == 1


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "America/New_York", "Asia/Shanghai", "Pacific/Kiritimati"])
def test_a_coupon_lasts_to_the_end_of_its_last_local_day(timed_app: Flask, clock: SetClock, zone: str) -> None:
    """Of a day's validity the whole of the next day is there, by the clocks of the district: not a minute less or more."""
    district, there = new_district(Api.inside(timed_app, OPERATOR_KEY), time_zone=zone), ZoneInfo(zone)
    day = clock().astimezone(there).date() + timedelta(days=2)
    clock.set(datetime.combine(day, time(23, 30), there))
    used, late = (new_coupon(district, validity={"days_after_issue": 1}) for _ in range(2))
    end = datetime.combine(day + timedelta(days=2), time(), there)
    assert datetime.fromisoformat(used["expires_at"]) == end
    clock.set(end - timedelta(seconds=1))
    assert district.report(coupons=[used["code"]]).ok(201)["discount_amount"] == 1_000
    clock.set(end)
    refused = check_problem(district.report(coupons=[late["code"]]), 422, "validation-failed")
    assert [one["code"] for one in refused.body["errors"]] == ["expired"]


def test_a_payment_that_fails_burns_no_coupon(district: District) -> None:
    """A sale that is refused, for its points, another coupon or its payment, leaves its coupons and their budget alone."""
    member, stranger = district.member(), district.member()
    good, bad = new_coupon(district, member, budget=5_000), new_coupon(district, member, min_amount=99_999)
    paid = district.report(payment_reference="4200001").ok(201)
    before = campaign_of(district, good["campaign_id"])["counts"]
    for why in (
        {"member_id": member, "points_to_spend": 100},
        {"coupons": [good["code"], bad["code"]]},
        {"member_id": stranger},
        {"payment_reference": "4200001"},
        {"amount": 9_999},
    ):
        assert district.report(**{"coupons": [good["code"]], **why}).status in (409, 422), why
        assert coupon_of(district, good["code"])["status"] == "issued"
    body = {"transactions": [district.sale(coupons=[good["code"], bad["code"]]), district.sale()]}
    rows = district.api.post("/v1/transactions/batch", body, district.key).ok(200)["results"]
    assert [row["status"] for row in rows] == [422, 201]
    assert (redemptions_of(district), campaign_of(district, good["campaign_id"])["counts"]) == ([], before)
    assert paid["discount_amount"] == 0
    assert district.report(coupons=[good["code"]]).ok(201)["discount_amount"] == 1_000


def test_a_payment_that_fails_halfway_gives_its_coupon_back(district: District) -> None:
    """What was redeemed before a payment that then failed is rolled back, and pays the next bill."""
    coupon = new_coupon(district, budget=1_000, on_refund="forfeit")
    made = redeem(district, coupon["code"]).ok(201)
    roll_back(district, made["id"]).ok(200)
    undone = redemption_of(district, made["id"])
    assert (undone["state"], sum(undone["funding"].values())) == ("rolled_back", 0)
    assert district.report(reference="A-1").ok(201)["discount_amount"] == 0, "the bill of old has it no more"
    assert district.report(coupons=[coupon["code"]]).ok(201)["discount_amount"] == 1_000
    counts = campaign_of(district, coupon["campaign_id"])["counts"]
    assert (counts["redeemed"], counts["discount_given"], counts["budget_left"]) == (1, 1_000, 0)


def test_coupons_together_never_take_more_than_the_bill(district: District) -> None:
    """Stacked amounts and percents stop at nothing to pay; one for which nothing is left is refused, not wasted."""
    member = district.member()
    half: dict[str, Any] = {"kind": "percent_off", "amount_off": None, "percent_off": 50}
    one, two, three, percent = (
        new_coupon(district, member, min_amount=0, stacking_group=group, **terms)["code"]
        for group, terms in (("a", {}), ("b", {}), ("c", {}), ("d", half))
    )
    refused = check_problem(district.report(amount=1_500, coupons=[one, two, three]), 422, "validation-failed")
    assert [flaw["code"] for flaw in refused.body["errors"]] == ["nothing-left"]
    sold = district.report(amount=1_500, member_id=member, coupons=[one, two]).ok(201)
    assert (sold["discount_amount"], sold["paid_amount"], sold["points_earned"]) == (1_500, 0, 0)
    assert sorted(each["discount_amount"] for each in sold["coupons"]) == [500, 1_000]
    sold = district.report(amount=1_003, coupons=[percent, three]).ok(201)
    assert (sold["discount_amount"], sold["paid_amount"]) == (1_001, 2)


@pytest.mark.parametrize(
    ("funding", "parts"),
    [
        ({"district": 60, "merchant": 40, "government": 0}, [601, 400, 0]),
        ({"district": 0, "merchant": 100, "government": 0}, [0, 1_001, 0]),
        ({"district": 10, "merchant": 20, "government": 70}, [100, 200, 701]),
    ],
)
def test_who_funds_a_discount_stands_with_it(district: District, funding: dict[str, int], parts: list[int]) -> None:
    """Each redemption says who pays how much of it, to the fen, at which merchant: so it can be settled."""
    coupon = new_coupon(district, amount_off=1_001, funding=funding)
    sold = district.report(coupons=[coupon["code"]], payment_reference="4200009").ok(201)
    [kept] = redemptions_of(district)
    assert kept["funding"] == dict(zip(("district", "merchant", "government"), parts, strict=True))
    assert sum(parts) == kept["discount_amount"] == sold["discount_amount"] == 1_001
    assert (kept["merchant_id"], kept["transaction_id"]) == (district.shop.merchant_id, sold["id"])
    assert campaign_of(district, kept["campaign_id"])["funding"] == funding
