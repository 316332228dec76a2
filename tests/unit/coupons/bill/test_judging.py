"""A coupon by itself: each reason against it, which comes first, and instants that are half open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from app.coupons.bill.judging import Occasion, why_not
from app.coupons.bill.lines import Bill, Line, bill_of
from app.coupons.bill.terms import AmountOff, Exchange, Hold, Presented, Usable
from app.coupons.bill.why_not import Code, WhyNot
from app.foundation.figures.time_windows import TimeWindow
from tests.factories.bills import HERE, NOW, SHANGHAI, coupon

BILL = bill_of(1000, [Line(600, 1, "A", "tea")])
MOMENT = timedelta(microseconds=1)
SOON = NOW + timedelta(minutes=5)
OFF = AmountOff(100)


def code(one: Presented, occasion: Occasion = HERE, bill: Bill = BILL) -> str | None:
    found = why_not(one, occasion, bill)
    return None if found is None else found.code


def only(*some: str) -> frozenset[str]:
    return frozenset(some)


AGAINST: dict[str, dict[str, Any]] = {
    "wrong-shop": {"store_ids": only("str_b")},
    "voided": {"state": "voided"},
    "redeemed": {"state": "redeemed"},
    "expired": {"expires_at": NOW},
    "not-yet-usable": {"usable_from": NOW + MOMENT},
    "campaign-paused": {"campaign_is_paused": True},
    "reserved": {"hold": Hold("mer_b", "r", SOON)},
    "coupon-of-another-member": {"member_id": "mem_b"},
    "member-frozen": {"member_is_frozen": True},
    "wrong-channel": {"channels": only("web")},
    "outside-hours": {"usable": Usable(weekdays=frozenset({5}))},
    "excluded-date": {"usable": Usable(excluded_dates=frozenset({date(2026, 1, 1)}))},
    "not-with-points": {"with_points": False},
    "no-matching-item": {"item_skus": only("B")},
    "below-minimum": {"min_amount": 1001},
}
SPENDING = replace(HERE, points_to_spend=1)


@pytest.mark.parametrize("reason", AGAINST)
def test_each_reason_is_told(reason: str) -> None:
    assert code(coupon(OFF), SPENDING) is None
    assert code(coupon(OFF, **AGAINST[reason]), SPENDING) == reason


@pytest.mark.parametrize(
    ("first", "second"),
    [pair for pair in combinations(AGAINST, 2) if AGAINST[pair[0]].keys().isdisjoint(AGAINST[pair[1]])],
)
def test_of_two_reasons_the_first_is_told(first: str, second: str) -> None:
    assert code(coupon(OFF, **AGAINST[first], **AGAINST[second]), SPENDING) == first


def test_every_code_has_its_place_and_its_words() -> None:
    order = get_args(Code)
    assert list(order[: len(AGAINST)]) == list(AGAINST)
    assert len({WhyNot(one).detail for one in order}) == len(order)


@pytest.mark.parametrize(
    ("terms", "occasion", "wanted"),
    [
        ({"merchant_ids": only("mer_a", "mer_b")}, {}, None),
        ({"merchant_ids": only("mer_b")}, {}, "wrong-shop"),
        ({"merchant_ids": only("mer_a"), "store_ids": only("str_b")}, {}, "wrong-shop"),
        ({"categories": only("catering")}, {}, None),
        ({"categories": only("retail")}, {}, "wrong-shop"),
        ({"categories": only("retail")}, {"category": None}, "wrong-shop"),
        ({"channels": only("till")}, {}, None),
        ({"channels": only("till")}, {"channel": None}, "wrong-channel"),
        ({"with_points": False}, {}, None),
    ],
)
def test_where_a_coupon_counts(terms: dict[str, Any], occasion: dict[str, Any], wanted: str | None) -> None:
    assert code(coupon(OFF, **terms), replace(HERE, **occasion)) == wanted


def test_a_shop_for_which_it_is_not_learns_nothing_else() -> None:
    all_against = {name: value for terms in AGAINST.values() for name, value in terms.items()}
    assert why_not(coupon(OFF, **all_against), SPENDING, BILL) == WhyNot("wrong-shop")


def test_it_is_usable_from_an_instant_until_before_another() -> None:
    since, until = NOW, NOW + timedelta(hours=1)
    one = coupon(OFF, usable_from=since, expires_at=until)
    judged = [code(one, replace(HERE, now=at)) for at in (since - MOMENT, since, until - MOMENT, until)]
    assert judged == ["not-yet-usable", None, None, "expired"]


def test_it_is_over_by_the_clock_or_by_the_job() -> None:
    assert code(coupon(OFF, state="expired")) == "expired"
    assert code(coupon(OFF, state="redeemed", expires_at=NOW)) == "redeemed"


@pytest.mark.parametrize(
    ("occasion", "wanted"),
    [
        ({"reference": "r"}, None),
        ({}, None),
        ({"reference": "other"}, "reserved"),
        ({"merchant_id": "mer_b"}, "reserved"),
        ({"merchant_id": "mer_b", "reference": "r"}, "reserved"),
        ({"merchant_id": "mer_b", "now": SOON - MOMENT}, "reserved"),
        ({"merchant_id": "mer_b", "now": SOON}, None),
    ],
    ids=str,
)
def test_a_hold_is_for_one_bill_of_one_merchant_and_ends_by_the_clock(
    occasion: dict[str, Any], wanted: str | None
) -> None:
    held = coupon(OFF, state="reserved", hold=Hold("mer_a", "r", SOON))
    assert code(held, replace(HERE, **occasion)) == wanted


def test_the_bearer_s_coupon_is_anybody_s() -> None:
    bearer = coupon(OFF, member_id=None)
    assert code(bearer) is None
    assert code(bearer, replace(HERE, member_id=None)) is None
    assert code(coupon(OFF), replace(HERE, member_id=None)) is None


def at(text: str, zone: ZoneInfo = SHANGHAI) -> Occasion:
    return replace(HERE, now=datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC), zone=zone)


def usable(occasion: Occasion, windows: list[tuple[str, str]], weekdays: set[int], excluded: list[str]) -> str | None:
    times = tuple(TimeWindow(time.fromisoformat(start), time.fromisoformat(until)) for start, until in windows)
    when = Usable(frozenset(weekdays), times, frozenset(map(date.fromisoformat, excluded)))
    far = {"usable_from": datetime(2025, 1, 1, tzinfo=UTC), "expires_at": datetime(2027, 1, 1, tzinfo=UTC)}
    return code(coupon(OFF, usable=when, **far), occasion)


NIGHT = ("22:00", "02:00")


@pytest.mark.parametrize(
    ("moment", "windows", "weekdays", "excluded", "wanted"),
    [
        ("2026-01-02T21:59:59.999999", [NIGHT], {5}, [], "outside-hours"),
        ("2026-01-02T22:00", [NIGHT], {5}, [], None),
        ("2026-01-03T01:59:59.999999", [NIGHT], {5}, [], None),
        ("2026-01-03T02:00", [NIGHT], {5}, [], "outside-hours"),
        ("2026-01-02T01:00", [NIGHT], {5}, [], "outside-hours"),
        ("2026-01-03T01:00", [NIGHT], set(), ["2026-01-02"], "excluded-date"),
        ("2026-01-03T01:00", [NIGHT], set(), ["2026-01-03"], None),
        ("2026-01-03T01:00", [NIGHT, ("00:00", "06:00")], set(), ["2026-01-02"], None),
        ("2026-01-03T01:00", [NIGHT, ("00:00", "06:00")], {5}, ["2026-01-02"], "excluded-date"),
        ("2026-01-03T00:00", [], {6}, [], None),
        ("2026-01-02T23:59:59", [], {6}, [], "outside-hours"),
        ("2026-01-02T23:59:59", [], set(), ["2026-01-02"], "excluded-date"),
        ("2026-01-02T12:00", [], {6}, ["2026-01-02"], "outside-hours"),
    ],
)
def test_hours_and_days_are_local_and_a_window_is_of_the_day_it_starts(
    moment: str, windows: Any, weekdays: set[int], excluded: list[str], wanted: str | None
) -> None:
    assert usable(at(moment), windows, weekdays, excluded) == wanted


def test_local_time_follows_the_clock_where_it_is_moved() -> None:
    new_york = ZoneInfo("America/New_York")
    for utc, wanted in (("2026-03-08T06:30", None), ("2026-03-08T07:00", "outside-hours")):
        now = datetime.fromisoformat(utc).replace(tzinfo=UTC)
        assert usable(replace(HERE, now=now, zone=new_york), [("01:00", "02:00")], {7}, []) == wanted


def test_what_is_missing_to_the_minimum_is_told() -> None:
    of_tea = coupon(OFF, item_categories=only("tea"), min_amount=650)
    assert why_not(of_tea, HERE, BILL) == WhyNot("below-minimum", missing=50)
    assert code(coupon(OFF, item_categories=only("tea"), min_amount=600)) is None


def test_an_exchange_needs_its_item() -> None:
    assert code(coupon(Exchange("A", 0), item_categories=only("tea"))) is None
    assert code(coupon(Exchange("B", 0))) == "no-matching-item"
    assert code(coupon(Exchange("A", 0), item_categories=only("food"))) == "no-matching-item"
