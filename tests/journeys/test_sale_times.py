"""When a sale happened: what is accepted, which rules hold, from when to when its points live, whose day it is."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.foundation.clock import format_instant
from app.points.purses.lifetimes import add_months
from tests.factories.api import Api
from tests.factories.clock import ago, ahead, now
from tests.factories.districts import District, new_district
from tests.factories.points import base_rule, change_programme, entries, new_version

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(days_ago: int, clock: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """A local time of some day before today."""
    day = now().astimezone(zone).date() - timedelta(days=days_ago)
    return datetime.combine(day, time.fromisoformat(clock), zone)


def at(instant: datetime) -> str:
    return instant.isoformat()


def read(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("delta", [{"days": 8}, {"days": 7, "minutes": 1}, {"days": 4000}])
def test_a_sale_older_than_the_programme_allows_is_refused(district: District, delta: dict[str, float]) -> None:
    member = district.member()
    refused = district.report(key=district.shop.key, member_id=member, occurred_at=ago(**delta))
    assert (refused.status, refused.code, refused.pointers) == (422, "validation-failed", {"/occurred_at"})
    assert entries(district, member) == []
    assert district.report(member_id=member, occurred_at=ago(**delta)).status == 201, "the alliance may backdate"


def test_a_sale_within_the_days_is_accepted(district: District) -> None:
    assert district.report(key=district.shop.key, occurred_at=ago(days=6, hours=23)).status == 201


def test_the_scope_to_backdate_takes_over_history(district: District) -> None:
    scopes = ["transactions:write", "transactions:backdate"]
    key = district.merchant_key(district.shop, scopes=scopes)
    assert district.report(key=key, occurred_at="2000-01-01T00:00:00Z").status == 201
    refused = district.report(key=key, occurred_at="1999-12-31T23:59:59Z")
    assert (refused.status, refused.pointers) == (422, {"/occurred_at"})


@pytest.mark.parametrize("occurred_at", ["1999-12-31T23:59:59Z", "2000-01-01T07:59:59+08:00", "0001-01-01T00:00:00Z"])
def test_a_sale_before_2000_is_refused_from_everyone(district: District, occurred_at: str) -> None:
    refused = district.report(occurred_at=occurred_at)
    assert (refused.status, refused.pointers) == (422, {"/occurred_at"})


def test_a_sale_ahead_of_the_clock_is_refused_from_ten_minutes_on(district: District) -> None:
    for minutes in (10.5, 60, 10**6):
        refused = district.report(occurred_at=ahead(minutes=minutes))
        assert (refused.status, refused.pointers) == (422, {"/occurred_at"})
    made = district.report(member_id=district.member(), occurred_at=ahead(minutes=9)).ok(201)
    assert made["points_earned"] == 128


def test_a_district_says_how_late_is_too_late(district: District) -> None:
    key = district.shop.key
    change_programme(district, late_sale_days=30)
    assert district.report(key=key, occurred_at=ago(days=31)).status == 422
    assert district.report(key=key, occurred_at=ago(days=29)).status == 201
    change_programme(district, late_sale_days=None)
    assert district.report(key=key, occurred_at=ago(days=4000)).status == 201


def test_the_same_late_sale_again_is_known_before_it_is_too_late(district: District) -> None:
    body = district.sale(occurred_at=ago(days=5))
    first = district.api.post("/v1/transactions", body, district.shop.key).ok(201)
    change_programme(district, late_sale_days=1)
    assert district.api.post("/v1/transactions", body, district.shop.key).ok(200)["id"] == first["id"]


def test_an_offset_is_read_and_answered_in_utc(district: District) -> None:
    occurred = local(1, "20:15:30.250")
    made = district.report(occurred_at=at(occurred)).ok(201)
    assert made["occurred_at"] == format_instant(occurred)
    assert read(made["occurred_at"]) == occurred


def test_when_it_happened_decides_which_version_holds(district: District) -> None:
    member = district.member()
    effective = now() + timedelta(minutes=5)
    version = new_version(district, base_rule(points=2), effective_at=format_instant(effective))
    assert version["version"] == 2
    before = district.report(member_id=member, occurred_at=at(effective - timedelta(seconds=1))).ok(201)
    after = district.report(member_id=member, occurred_at=at(effective)).ok(201)
    present = district.report(member_id=member).ok(201)
    assert [(one["rule_set_version"], one["points_earned"]) for one in (before, after, present)] == [
        (1, 128),
        (2, 256),
        (1, 128),
    ]


def test_a_late_sale_earns_by_the_version_of_its_time(district: District) -> None:
    member = district.member()
    new_version(district, base_rule(points=3))
    late = district.report(member_id=member, occurred_at=ago(hours=1)).ok(201)
    assert (late["rule_set_version"], late["points_earned"]) == (1, 128)
    fresh = district.report(member_id=member).ok(201)
    assert (fresh["rule_set_version"], fresh["points_earned"]) == (2, 384)


def test_points_live_for_twelve_months_of_local_days(district: District) -> None:
    made = district.report(member_id=district.member(), occurred_at=at(local(1, "23:59"))).ok(201)
    day = local(1, "00:00")
    assert read(made["available_at"]) == day
    last = local(1, "00:00").date()
    clamped = last.day if (last.month, last.day) != (2, 29) else 28
    end = datetime(last.year + 1, last.month, clamped, tzinfo=SHANGHAI) + timedelta(days=1)
    assert read(made["expires_at"]) == end


def test_pending_points_are_counted_apart_until_their_day(district: District) -> None:
    member = district.member()
    change_programme(district, pending_days=7)
    made = district.report(member_id=member).ok(201)
    assert made["balance"] == {"available": 0, "pending": 128, "owed": 0}
    assert read(made["available_at"]) == local(-7, "00:00")
    ripe = district.report(member_id=member, occurred_at=at(local(7, "12:00"))).ok(201)
    assert ripe["balance"] == {"available": 128, "pending": 128, "owed": 0}
    points = district.balance(member)
    assert (points["available"], points["pending"], points["owed"], points["spendable"]) == (128, 128, 0, 128)


def test_points_that_ended_before_they_were_recorded_count_nowhere(district: District) -> None:
    member = district.member()
    made = district.report(member_id=member, occurred_at=ago(days=400)).ok(201)
    assert made["points_earned"] == 128
    assert made["balance"] == {"available": 0, "pending": 0, "owed": 0}
    points = district.balance(member)
    assert points["expiring"] == []
    assert points["lifetime"] == {"earned": 128, "spent": 0, "expired": 0}


def test_what_expires_is_told_by_local_day(district: District) -> None:
    member = district.member()
    change_programme(district, expiry={"policy": "months", "months": 1})
    wanted: Counter[str] = Counter()
    for days_ago in (3, 1, 3):
        occurred = local(days_ago, "12:00")
        district.report(member_id=member, amount=1000, occurred_at=at(occurred)).ok(201)
        wanted[add_months(occurred.date(), 1).isoformat()] += 10
    change_programme(district, expiry={"policy": "never"})
    forever = district.report(member_id=member).ok(201)
    assert forever["expires_at"] is None
    points = district.balance(member)
    assert points["expiring"] == [{"on": day, "points": points} for day, points in sorted(wanted.items())]
    assert points["available"] == 30 + 128


def test_year_end_with_grace(district: District) -> None:
    change_programme(district, expiry={"policy": "year_end", "grace_months": 3})
    occurred = local(1, "12:00")
    made = district.report(member_id=district.member(), occurred_at=at(occurred)).ok(201)
    assert read(made["expires_at"]) == datetime(occurred.year + 1, 4, 1, tzinfo=SHANGHAI)


def test_a_day_s_totals_are_of_the_local_day(district: District) -> None:
    member, shop, other = district.member(), district.shop, district.other_shop
    for clock, amount in (("00:00", 100), ("00:30", 200), ("12:00", 400), ("23:30", 800), ("23:59:59.999", 1600)):
        district.report(member_id=member, amount=amount, occurred_at=at(local(2, clock))).ok(201)
    district.report(amount=3200, occurred_at=at(local(1, "00:00"))).ok(201)
    district.report(amount=6400, occurred_at=at(local(3, "23:30"))).ok(201)
    district.report(amount=5000, store_id=other.store_id, occurred_at=at(local(2, "12:00"))).ok(201)
    day = local(2, "12:00").date().isoformat()
    path = f"/v1/transactions/summary?on={day}"
    own = {
        "object": "transaction_summary",
        "on": day,
        "store_id": shop.store_id,
        "currency": "CNY",
        "count": 5,
        "member_count": 5,
        "amount": 3100,
        "discount_amount": 0,
        "points_amount": 0,
        "paid_amount": 3100,
        "refunded_amount": 0,
        "points_earned": 31,
        "points_spent": 0,
    }
    assert district.api.get(f"{path}&store_id={shop.store_id}", district.key).ok() == own
    assert district.api.get(path, shop.key).ok() == {**own, "store_id": None}
    whole = {**own, "store_id": None, "count": 6, "amount": 8100, "paid_amount": 8100}
    assert district.api.get(path, district.key).ok() == whole
    assert district.api.get(f"{path}&store_id={shop.store_id}", other.key).code == "not-found"


def test_a_district_in_another_zone_has_other_days(api: Api) -> None:
    district = new_district(api, time_zone="America/New_York", currency="USD")
    zone = ZoneInfo("America/New_York")
    occurred = local(2, "23:30", zone)
    made = district.report(member_id=district.member(), occurred_at=at(occurred)).ok(201)
    assert made["currency"] == "USD"
    assert read(made["available_at"]) == local(2, "00:00", zone)
    totals = api.get(f"/v1/transactions/summary?on={occurred.date()}", district.key).ok()
    assert (totals["count"], totals["currency"]) == (1, "USD")


@pytest.mark.parametrize(
    ("query", "pointer"), [("", "/on"), ("on=yesterday", "/on"), ("on=2026-02-30", "/on"), ("on=2026-01-01&x=1", "/x")]
)
def test_what_is_no_day(district: District, query: str, pointer: str) -> None:
    refused = district.api.get(f"/v1/transactions/summary?{query}", district.key)
    assert (refused.status, refused.pointers) == (422, {pointer})
