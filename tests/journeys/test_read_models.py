"""Every read model equals the books, whatever happened, in whatever order it is told, and whoever dies while it is counted."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from unittest import mock

import psycopg
import pytest
from flask import Flask

from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tasks import take_events
from app.foundation.tenancy import system_principal
from app.insights import kept, services, writing
from app.insights.kept import Kept
from app.points.tasks import expire_points
from tests.factories.books import broken
from tests.factories.clock import SetClock
from tests.factories.coupons import bearer_codes, claim, new_campaign, new_coupon, redeem, roll_back
from tests.factories.districts import District
from tests.factories.points import adjust, change_programme
from tests.factories.refunds import give_back
from tests.factories.webhooks import untaken

IS_THE_BOOKS = ", with what nobody has taken yet, is what the books say"
NAMES = {one.table: [f"what is kept of {one.holds}{IS_THE_BOOKS}"] for one in kept.ALL} | {
    "store_hours": [
        f"what is kept of stores' hours{IS_THE_BOOKS}",
        "what is kept of stores' days is the sum of their hours",
    ],
    "store_days": ["what is kept of stores' days is the sum of their hours"],
}
"""The checks that find it when a table of sums is broken."""


def rows(superuser: psycopg.Connection, district: District) -> dict[str, list[Any]]:
    """All that is kept of a district, but for nothing."""
    found = {}
    for one in kept.ALL:
        columns = ", ".join(f"{name}::text" for name in one.columns)
        some = " OR ".join(f"{name} <> 0" for name in one.totals)
        query = f"SELECT {columns} FROM {one.table} WHERE district_id = %s AND ({some}) ORDER BY {', '.join(one.keys)}"
        found[one.table] = superuser.execute(query, (district.id[-32:],)).fetchall()
    return found


@pytest.fixture
def busy(timed: District, timed_app: Flask, clock: SetClock) -> District:
    """All that read models count: coupons of all ways, refunds in part and whole, points that move, members who go."""
    with timed_app.app_context():
        change_programme(timed, expiry={"policy": "months", "months": 1})
        first, second, third, leaving = (timed.member() for _ in range(4))
        for member in (first, second, third, leaving):
            timed.report(member_id=member, amount=50_000).ok(201)
        _coupons(timed, first, second)
        _points(timed, first, second, third)
        timed.api.post(f"/v1/members/{third}/merge", {"into": second}, timed.key).ok(200)
        timed.report(member_id=second, amount=7_000).ok(201)
        timed.api.call("DELETE", f"/v1/members/{leaving}", key=timed.key).ok()
        clock.moment += timedelta(days=65)
        expire_points()
        timed.report(member_id=first, amount=3_000).ok(201)
    return timed


def _coupons(street: District, first: str, second: str) -> None:
    terms = {"min_amount": 0, "stacking_group": "a"}
    codes = [
        new_coupon(street, first, **terms)["code"],
        new_coupon(street, first, **{**terms, "stacking_group": "b"})["code"],
    ]
    paid = street.report(member_id=first, amount=20_000, coupons=codes).ok(201)
    give_back(street, paid["id"], 7_000)
    give_back(street, paid["id"], 3_001)
    again = street.report(member_id=first, amount=9_000, coupons=[new_coupon(street, first, **terms)["code"]]).ok(201)
    give_back(street, again["id"], 9_000)
    undone = redeem(street, new_coupon(street, **terms)["code"]).ok(201)
    roll_back(street, undone["id"]).ok(200)
    kept_apart = new_coupon(street, second, amount_off=900, **terms)["code"]
    redeem(street, kept_apart, reference="A-7", amount=12_800).ok(201)
    street.report(reference="A-7", member_id=second, amount=12_800, coupons=[kept_apart]).ok(201)
    redeem(street, new_coupon(street, **terms)["code"], reference="A-8").ok(201)
    flyers = new_campaign(street, issuing=["code_batch"], **terms)
    [code, *_] = bearer_codes(street, flyers["id"], 3)
    street.report(amount=2_000, coupons=[code]).ok(201)


def _points(street: District, first: str, second: str, third: str) -> None:
    bought = new_campaign(street, issuing=["points"], points_price=100)
    [one, other] = (claim(street, bought["id"], second).ok(201) for _ in range(2))
    street.api.post(f"/v1/coupons/{one['code']}/void", {"reason": "误发"}, street.key).ok(200)
    assert other["code"] != one["code"]
    spent = street.report(store_id=street.other_shop.store_id, member_id=first, amount=10_000, points_to_spend=300).ok(
        201
    )
    give_back(street, spent["id"], 4_000)
    adjust(street, third, 100)
    adjust(street, second, -30)
    nobodys = street.report(amount=6_000).ok(201)
    give_back(street, nobodys["id"], 1_000)
    street.api.post(f"/v1/transactions/{nobodys['id']}/claim", {"member_id": third}, street.key).ok(200)


def count_anew(app: Flask, district: District) -> None:
    with app.app_context(), unit_of_work(system_principal(district.id)) as uow:
        services.count_anew(uow)


def test_read_models_are_the_books_in_whatever_order_events_are_told(
    busy: District, timed_app: Flask, superuser: psycopg.Connection
) -> None:
    """After each event; the whole is the same as counted anew, in the middle and at the end."""
    events = untaken(superuser, busy.id)
    random.Random(7).shuffle(events)
    with timed_app.app_context():
        for place, event in enumerate(events):
            take_events(busy.id, [event])
            if place % 9 == 0:
                assert broken(busy.id) == {}, place
            if place == len(events) // 2:
                count_anew(timed_app, busy)
                assert broken(busy.id) == {}
        assert broken(busy.id) == {}
        counted = rows(superuser, busy)
        assert all(counted.values())
        count_anew(timed_app, busy)
        assert rows(superuser, busy) == counted
        take_events(busy.id, events)
        assert rows(superuser, busy) == counted


def test_whoever_dies_while_counting_has_counted_nothing(
    busy: District, timed_app: Flask, superuser: psycopg.Connection
) -> None:
    """Killed before any of the tables is written, over and over: what is taken in the end counts once."""
    events = untaken(superuser, busy.id)
    chance, add = random.Random(3), writing.add

    def dying(uow: Any, one: Kept, some: Any) -> int:
        if chance.random() < 0.1:
            raise InterruptedError
        return add(uow, one, some)

    with timed_app.app_context():
        while events:
            some = chance.sample(events, min(12, len(events)))
            with mock.patch.object(writing, "add", dying):
                try:
                    take_events(busy.id, some)
                except InterruptedError:
                    assert broken(busy.id) == {}
            events = untaken(superuser, busy.id)
        assert broken(busy.id) == {}


@pytest.mark.parametrize("one", kept.ALL, ids=lambda one: one.table)
def test_whoever_breaks_what_is_kept_is_told(
    district: District, app: Flask, superuser: psycopg.Connection, one: Kept
) -> None:
    member = district.member()
    district.report(member_id=member, amount=50_000).ok(201)
    other = district.other_shop.store_id
    district.report(
        member_id=member,
        amount=9_000,
        store_id=other,
        points_to_spend=100,
        coupons=[new_coupon(district, member, min_amount=0)["code"]],
    ).ok(201)
    with app.app_context():
        take_events(district.id, untaken(superuser, district.id))
        assert broken(district.id) == {}
        column = one.totals[-1]
        superuser.execute(
            f"UPDATE {one.table} SET {column} = {column} + 1 WHERE district_id = %s", (district.id[-32:],)
        )
        assert list(broken(district.id)) == NAMES[one.table]
        count_anew(app, district)
        assert broken(district.id) == {}


def test_what_is_kept_of_members_follows_them(district: District, app: Flask, superuser: psycopg.Connection) -> None:
    """Merged, it is added; of who leaves nothing stays."""
    old, survivor, leaving = (district.member() for _ in range(3))
    for member, amount in ((old, 1_000), (survivor, 2_000), (leaving, 4_000)):
        district.report(member_id=member, amount=amount).ok(201)
    with app.app_context():
        take_events(district.id, untaken(superuser, district.id))
        district.api.post(f"/v1/members/{old}/merge", {"into": survivor}, district.key).ok(200)
        district.api.call("DELETE", f"/v1/members/{leaving}", key=district.key).ok()
        assert broken(district.id) == {}
        take_events(district.id, untaken(superuser, district.id))
        assert broken(district.id) == {}
    query = "SELECT replace(member_id::text, '-', ''), sales, net_amount FROM member_facts WHERE district_id = %s"
    assert superuser.execute(query, (district.id[-32:],)).fetchall() == [(survivor[-32:], 2, 3_000)]
