"""Read models: kept by events in whatever order these come, made anew from the books, and equal to them."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tasks import take_events
from app.foundation.tenancy import system_principal
from app.insights import services
from app.insights.tasks import count_what_is_behind
from app.transactions.moves import TOTALS
from tests.factories.api import Reply
from tests.factories.books import broken
from tests.factories.clock import now
from tests.factories.coupons import claim, new_campaign, new_coupon
from tests.factories.districts import District
from tests.factories.points import adjust
from tests.factories.refunds import give_back
from tests.factories.webhooks import take_all, untaken

EVENING, NIGHT = "2026-01-01T20:15:00+08:00", "2026-01-02T00:30:00+08:00"


def hours(superuser: psycopg.Connection, district: District) -> dict[tuple[str, int], dict[str, int]]:
    """What is kept of the first shop's hours, but for nothing."""
    rows = superuser.execute(
        f"SELECT day, hour, {', '.join(TOTALS)} FROM store_hours WHERE district_id = %s AND store_id = %s",
        (district.id[-32:], district.shop.store_id[-32:]),
    ).fetchall()
    return {
        (str(day), hour): {name: total for name, total in zip(TOTALS, totals, strict=True) if total}
        for day, hour, *totals in rows
        if any(totals)
    }


@pytest.fixture
def lively(district: District) -> District:
    """A member's sale with a coupon and points; a stranger's, refunded in part, claimed, refunded in part again; one
    refunded whole; one that is nobody's; one at night.
    """
    member = district.member()
    first = district.report(member_id=member, amount=20_000, occurred_at=EVENING).ok(201)
    coupon = new_coupon(district, member)
    district.report(
        member_id=member, amount=10_000, coupons=[coupon["code"]], points_to_spend=50, occurred_at=EVENING
    ).ok(201)
    stranger = district.report(amount=10_000, occurred_at=EVENING).ok(201)
    give_back(district, stranger["id"], 2_000)
    district.api.post(f"/v1/transactions/{stranger['id']}/claim", {"member_id": member}, district.key).ok(200)
    give_back(district, stranger["id"], 3_000)
    give_back(district, first["id"], 20_000)
    district.report(amount=700, occurred_at=EVENING).ok(201)
    district.report(member_id=member, amount=900, occurred_at=NIGHT).ok(201)
    return district


WANTED = {
    ("2026-01-01", 20): {
        "sales": 3,
        "net_amount": 8_950 + 5_000 + 700,
        "member_sales": 2,
        "member_net_amount": 8_950 + 5_000,
        "coupon_sales": 1,
        "coupon_bill_amount": 10_000,
        "discount_amount": 1_000,
        "points_earned": 89 + 50,
        "points_spent": 50,
        "coupons_redeemed": 1,
    },
    ("2026-01-02", 0): {
        "sales": 1,
        "net_amount": 900,
        "member_sales": 1,
        "member_net_amount": 900,
        "points_earned": 9,
    },
}


@pytest.mark.parametrize("seed", range(4))
def test_hours_are_what_happened_in_them_in_whatever_order_it_is_told(
    lively: District, app: Flask, superuser: psycopg.Connection, seed: int
) -> None:
    events = untaken(superuser, lively.id)
    random.Random(seed).shuffle(events)
    with app.app_context():
        for event in events:
            assert broken(lively.id) == {}
            take_events(lively.id, [event])
        assert broken(lively.id) == {}
    assert hours(superuser, lively) == WANTED


def test_what_is_told_twice_counts_once(lively: District, app: Flask, superuser: psycopg.Connection) -> None:
    events = untaken(superuser, lively.id)
    with app.app_context():
        for told in (events[:7], events, events):
            take_events(lively.id, told)
    assert hours(superuser, lively) == WANTED


def test_read_models_are_made_anew_from_the_books(lively: District, app: Flask, superuser: psycopg.Connection) -> None:
    """Also while some events have been taken and others wait."""
    events = untaken(superuser, lively.id)
    with app.app_context():
        take_events(lively.id, events[: len(events) // 2])
        superuser.execute("UPDATE store_hours SET sales = sales + 1 WHERE district_id = %s", (lively.id[-32:],))
        assert len(broken(lively.id)) == 2
        with unit_of_work(system_principal(lively.id)) as uow:
            services.count_anew(uow)
        assert broken(lively.id) == {}
        take_events(lively.id, events)
        assert broken(lively.id) == {}
    assert hours(superuser, lively) == WANTED


def test_a_district_from_before_is_counted_by_a_job(
    lively: District, app: Flask, superuser: psycopg.Connection
) -> None:
    superuser.execute("DELETE FROM read_models WHERE district_id = %s", (lively.id[-32:],))
    take_all(app, superuser, lively.id)
    assert hours(superuser, lively) == {}
    with app.app_context():
        assert broken(lively.id) == {}
        count_what_is_behind()
        assert broken(lively.id) == {}
        assert hours(superuser, lively) == WANTED
        count_what_is_behind()
    assert hours(superuser, lively) == WANTED


def figures(district: District, code: str, key: str | None = None, *, by: str = "day", to: str = "2026-01-03") -> Any:
    """A figure of the first days of 2026."""
    query = f"/v1/figures?code={code}&from=2026-01-01&to={to}&by={by}"
    return district.api.get(query, key or district.key).ok(200)


@pytest.fixture
def counted(lively: District, app: Flask, superuser: psycopg.Connection) -> District:
    """The same with its events counted, and a sale of another shop."""
    lively.report(store_id=lively.other_shop.store_id, amount=5_000, occurred_at=EVENING).ok(201)
    take_all(app, superuser, lively.id)
    return lively


def by_key(answer: Any) -> dict[str, Any]:
    return {one["key"]: one["value"] for one in answer["data"]}


def test_figures_by_day_have_no_holes_and_say_how_far_they_hold(counted: District) -> None:
    answer = figures(counted, "sales.net")
    assert answer["total"] == {"value": 20_550, "numerator": 20_550, "denominator": None, "mark": "ok"}
    assert by_key(answer) == {"2026-01-01": 19_650, "2026-01-02": 900, "2026-01-03": 0}
    assert answer["unit"] == "minor"
    assert by_key(figures(counted, "sales.net", by="hour", to="2026-01-01"))["2026-01-01T20"] == 19_650
    assert by_key(figures(counted, "sales.net", by="hour_of_day")) == {"00": 900, "20": 19_650}
    assert by_key(figures(counted, "sales.net", by="weekday")) == {"4": 19_650, "5": 900}
    assert by_key(figures(counted, "sales.net", by="month")) == {"2026-01": 20_550}


def test_figures_by_shop_and_kind(counted: District) -> None:
    first, other = counted.shop, counted.other_shop
    assert by_key(figures(counted, "sales.net", by="store")) == {first.store_id: 15_550, other.store_id: 5_000}
    assert by_key(figures(counted, "sales.net", by="merchant")) == {first.merchant_id: 15_550, other.merchant_id: 5_000}
    assert by_key(figures(counted, "sales.net", by="zone")) == {"east": 20_550}
    assert by_key(figures(counted, "sales.net", by="category")) == {"catering": 20_550}


def test_ratios_keep_what_they_were_made_of(counted: District) -> None:
    share = figures(counted, "sales.member_share", by="store")["total"]
    assert share == {"value": 0.7226, "numerator": 14_850, "denominator": 20_550, "mark": "ok"}
    assert figures(counted, "sales.basket")["total"]["value"] == 4_110
    assert figures(counted, "sales.night_share")["total"]["value"] == 1.0
    assert figures(counted, "coupons.leverage")["total"]["value"] == 10.0
    empty = figures(counted, "coupons.leverage", by="day")["data"][1]
    assert (empty["value"], empty["denominator"], empty["mark"]) == (None, 0, "no-source")


def test_a_merchant_sees_its_own_shops_and_no_few_members(counted: District) -> None:
    first, other = counted.shop, counted.other_shop
    assert by_key(figures(counted, "sales.net", first.key, by="store")) == {first.store_id: 15_550}
    assert figures(counted, "sales.net", other.key)["total"]["value"] == 5_000
    few = figures(counted, "sales.member_share", first.key)["total"]
    assert few == {"value": None, "numerator": None, "denominator": None, "mark": "too-few"}
    key = counted.store_key(counted.other_shop)
    assert by_key(figures(counted, "sales.net", key, by="merchant")) == {other.merchant_id: 5_000}


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("code=sales.profit&from=2026-01-01&to=2026-01-02", "/code"),
        ("code=sales.net&from=2026-01-02&to=2026-01-01", "/to"),
        ("code=sales.net&from=2026-01-01&to=2026-03-01&by=hour", "/to"),
        ("code=sales.net&from=1999-12-31&to=2000-03-01", "/from"),
        ("code=sales.net&from=2000-01-01&to=2026-01-01", "/to"),
        ("code=sales.net&from=2026-01-01", "/to"),
    ],
)
def test_what_is_no_span_or_figure_is_refused(district: District, query: str, pointer: str) -> None:
    reply = district.api.get(f"/v1/figures?{query}", district.key)
    assert [flaw["pointer"] for flaw in reply.ok(422)["errors"]] == [pointer]


@pytest.fixture
def crossing(district: District, app: Flask, superuser: psycopg.Connection) -> District:
    """Points of the first shop are spent at the other; a coupon is claimed and used, another only claimed; one member left."""
    member, leaving = district.member(), district.member()
    campaign = new_campaign(district, min_amount=0)["id"]
    codes = [claim(district, campaign, who).ok(201)["code"] for who in (member, leaving)]
    district.report(member_id=member, amount=20_000).ok(201)
    district.report(
        member_id=member, amount=10_000, coupons=codes[:1], points_to_spend=50, store_id=district.other_shop.store_id
    ).ok(201)
    adjust(district, member, 7)
    district.api.delete(f"/v1/members/{leaving}", district.key).ok()
    take_all(app, superuser, district.id)
    return district


def today_of(district: District, code: str, by: str = "day", key: str | None = None) -> Reply:
    """A figure of today and the days around, in which the test runs."""
    first, last = (now() + timedelta(days=days) for days in (-2, 2))
    return district.api.get(
        f"/v1/figures?code={code}&from={first.date()}&to={last.date()}&by={by}", key or district.key
    )


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("members.enrolled", 2),
        ("members.left", 1),
        ("members.last_bought", 1),
        ("points.outstanding", 200 - 50 + 89 + 7),
        ("points.adjusted", 7),
        ("points.expired", 0),
        ("points.crossed", 50),
        ("points.crossed_share", 1.0),
        ("coupons.issued", 2),
        ("coupons.claimed", 2),
        ("coupons.redeemed", 1),
        ("coupons.returned", 0),
    ],
)
def test_figures_of_members_points_and_coupons(crossing: District, code: str, value: float) -> None:
    assert today_of(crossing, code).ok(200)["total"]["value"] == value


def test_points_are_told_by_who_issued_and_who_accepted_them(crossing: District) -> None:
    first, other = crossing.shop.merchant_id, crossing.other_shop.merchant_id
    assert by_key(today_of(crossing, "points.crossed", "issuer").ok(200)) == {first: 50}
    assert by_key(today_of(crossing, "points.crossed", "merchant").ok(200)) == {other: 50}


def test_points_that_end_are_told_by_their_last_day(crossing: District) -> None:
    query = "code=points.ending&from=2026-01-01&to=2028-12-31&by="
    by_day = crossing.api.get(f"/v1/figures?{query}day", crossing.key).ok(200)
    [ends] = [one for one in by_day["data"] if one["value"]]
    balance = [crossing.balance(one["id"]) for one in crossing.api.get("/v1/members", crossing.key).ok(200)["data"]]
    assert [(one["on"], one["points"]) for some in balance for one in some["expiring"]] == [
        (ends["key"], ends["value"])
    ]
    assert crossing.api.get(f"/v1/figures?{query}month", crossing.key).ok(200)["total"]["value"] == ends["value"]


def test_a_campaign_is_told_apart(crossing: District) -> None:
    [campaign] = crossing.api.get("/v1/campaigns", crossing.key).ok(200)["data"]
    for code, value in (("issued", 2), ("redeemed", 1), ("sales", 1), ("discount", 1_000), ("leverage", 10.0)):
        assert by_key(today_of(crossing, f"coupons.{code}", "campaign").ok(200)) == {campaign["id"]: value}


def test_a_merchant_is_told_nothing_of_the_alliance_s(crossing: District) -> None:
    """Nor of others' campaigns."""
    for code in ("members.enrolled", "members.last_bought", "points.outstanding", "points.ending", "points.crossed"):
        assert today_of(crossing, code, key=crossing.shop.key).status == 403
    assert today_of(crossing, "coupons.issued", "campaign", crossing.shop.key).ok(200)["data"] == []


@pytest.mark.parametrize(
    ("code", "by"), [("members.enrolled", "store"), ("sales.net", "campaign"), ("points.ending", "hour")]
)
def test_a_group_that_a_figure_lacks_is_refused(district: District, code: str, by: str) -> None:
    assert [one["pointer"] for one in today_of(district, code, by).ok(422)["errors"]] == ["/by"]
