"""The programme: what it accepts, and that a change counts for later sales only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from tests.factories.districts import District
from tests.factories.points import base_rule, change_programme, entries, new_version


def programme(district: District) -> Any:
    body = district.api.get("/v1/programme", district.key).ok(200)
    body.pop("updated_at")
    return body


@pytest.mark.parametrize(
    "change",
    [
        {"point_value": "0.5"},
        {"point_value": "12.3456"},
        {"rounding": "half_up"},
        {"pending_days": 365},
        {"expiry": {"policy": "months", "months": 120}},
        {"expiry": {"policy": "year_end", "grace_months": 0}},
        {"expiry": {"policy": "never"}},
        {"refund_policy": "take"},
        {"refund_policy": "forgive"},
        {"max_spend_percent": 0},
        {"min_spend_points": 100},
        {"late_sale_days": 0},
        {"late_sale_days": None},
        {"spend_proof": "any"},
        {},
    ],
    ids=str,
)
def test_one_change_leaves_the_rest(district: District, change: dict[str, Any]) -> None:
    before = programme(district)
    changed = change_programme(district, **change)
    assert changed.pop("updated_at").endswith("Z")
    assert changed == {**before, **change}
    assert programme(district) == changed


def test_many_changes_at_once(district: District) -> None:
    change = {
        "point_value": "2",
        "rounding": "floor",
        "pending_days": 7,
        "expiry": {"policy": "months", "months": 6},
        "refund_policy": "owe",
        "max_spend_percent": 50,
        "min_spend_points": 100,
        "late_sale_days": 30,
        "spend_proof": "code",
    }
    changed = change_programme(district, **change)
    assert {name: changed[name] for name in change} == change


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"point_value": 1}, "/point_value"),
        ({"point_value": "0"}, "/point_value"),
        ({"point_value": "0.00"}, "/point_value"),
        ({"point_value": "-1"}, "/point_value"),
        ({"point_value": "1.23456"}, "/point_value"),
        ({"point_value": "1e3"}, "/point_value"),
        ({"rounding": "ceil"}, "/rounding"),
        ({"pending_days": -1}, "/pending_days"),
        ({"pending_days": 366}, "/pending_days"),
        ({"pending_days": "7"}, "/pending_days"),
        ({"expiry": "never"}, "/expiry"),
        ({"expiry": None}, "/expiry"),
        ({"expiry": {}}, "/expiry/policy"),
        ({"expiry": {"policy": "weeks"}}, "/expiry/policy"),
        ({"expiry": {"policy": "months"}}, "/expiry/months"),
        ({"expiry": {"policy": "months", "months": 0}}, "/expiry/months"),
        ({"expiry": {"policy": "months", "months": 121}}, "/expiry/months"),
        ({"expiry": {"policy": "never", "months": 1}}, "/expiry/months"),
        ({"expiry": {"policy": "year_end"}}, "/expiry/grace_months"),
        ({"refund_policy": "keep"}, "/refund_policy"),
        ({"max_spend_percent": 101}, "/max_spend_percent"),
        ({"min_spend_points": -1}, "/min_spend_points"),
        ({"late_sale_days": -1}, "/late_sale_days"),
        ({"spend_proof": "none"}, "/spend_proof"),
        ({"currency": "USD"}, "/currency"),
    ],
    ids=str,
)
def test_what_no_programme_says(untouched: District, change: dict[str, Any], pointer: str) -> None:
    before = programme(untouched)
    refused = untouched.api.patch("/v1/programme", {"min_spend_points": 5, **change}, untouched.key)
    assert (refused.status, refused.code, refused.pointers) == (422, "validation-failed", {pointer})
    assert programme(untouched) == before


def test_the_programme_is_the_alliance_s(district: District) -> None:
    reader = district.merchant_key(district.shop, scopes=["programme:read"])
    assert district.api.get("/v1/programme", reader).status == 200
    assert district.api.patch("/v1/programme", {"pending_days": 1}, reader).code == "forbidden"
    assert district.api.get("/v1/programme", district.shop.key).code == "forbidden"


def test_pending_days_count_for_later_sales(district: District) -> None:
    member = district.member()
    first = district.report(member_id=member).ok(201)
    change_programme(district, pending_days=7)
    second = district.report(member_id=member, amount=1000).ok(201)
    assert second["balance"] == {"available": 128, "pending": 10, "owed": 0}
    change_programme(district, pending_days=0)
    third = district.report(member_id=member, amount=100).ok(201)
    assert third["balance"] == {"available": 129, "pending": 10, "owed": 0}
    read = [
        district.api.get(f"/v1/transactions/{sale['id']}", district.key).ok()["available_at"]
        for sale in (first, second, third)
    ]
    assert read == [first["available_at"], second["available_at"], third["available_at"]]


def test_expiry_counts_for_later_sales(district: District) -> None:
    member = district.member()
    first = district.report(member_id=member).ok(201)
    change_programme(district, expiry={"policy": "never"})
    second = district.report(member_id=member).ok(201)
    assert second["expires_at"] is None
    assert [one["points"] for one in district.balance(member)["expiring"]] == [128]
    assert district.api.get(f"/v1/transactions/{first['id']}", district.key).ok()["expires_at"] == first["expires_at"]


def test_rounding_counts_for_later_sales(district: District) -> None:
    member = district.member()
    new_version(district, base_rule(points=1, per_amount=100))
    earned = [district.report(member_id=member, amount=150).ok(201)["points_earned"]]
    change_programme(district, rounding="half_up")
    for amount in (149, 150, 199, 49, 50):
        earned.append(district.report(member_id=member, amount=amount).ok(201)["points_earned"])
    assert earned == [1, 1, 2, 2, 0, 1]
    assert district.balance(member)["available"] == 7


def test_a_sale_reported_again_keeps_the_terms_of_its_recording(district: District) -> None:
    member = district.member()
    body = district.sale(member_id=member, amount=150)
    first = district.api.post("/v1/transactions", body, district.key).ok(201)
    change_programme(district, rounding="half_up", pending_days=30, expiry={"policy": "never"})
    assert district.api.post("/v1/transactions", body, district.key).ok(200) == first
    assert len(entries(district, member)) == 1


def test_what_was_pending_becomes_available_by_the_clock_alone(
    district: District, superuser: psycopg.Connection
) -> None:
    member = district.member()
    change_programme(district, pending_days=1)
    district.report(member_id=member).ok(201)
    assert district.balance(member)["available"] == 0
    past = datetime(2020, 1, 1, tzinfo=UTC)
    superuser.execute("UPDATE lots SET available_at = %s WHERE member_id = %s", (past, member[4:]))
    superuser.execute("UPDATE point_balances SET next_change_at = %s WHERE member_id = %s", (past, member[4:]))
    points = district.balance(member)
    assert (points["available"], points["pending"]) == (128, 0)
    made = district.report(member_id=member, amount=100).ok(201)
    assert made["balance"] == {"available": 128, "pending": 1, "owed": 0}


def test_points_end_by_the_clock_alone(district: District, superuser: psycopg.Connection) -> None:
    member = district.member()
    district.report(member_id=member).ok(201)
    past = datetime(2020, 1, 1, tzinfo=UTC)
    superuser.execute("UPDATE lots SET expires_at = %s WHERE member_id = %s", (past, member[4:]))
    superuser.execute("UPDATE point_balances SET next_change_at = %s WHERE member_id = %s", (past, member[4:]))
    points = district.balance(member)
    assert (points["available"], points["pending"], points["expiring"]) == (0, 0, [])
    made = district.report(member_id=member, amount=100).ok(201)
    assert made["balance"] == {"available": 1, "pending": 0, "owed": 0}
