"""Whoever tries lists of phones is stopped, a busy shop isn't, and a lost Valkey stops no sale."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app
from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api, Reply
from tests.factories.districts import District, new_district, new_phone
from tests.factories.members import enrol
from tests.factories.problems import check_problem

MOST = 3


@pytest.fixture(scope="module")
def _narrow(app: Flask, settings: Settings) -> Flask:
    limits = {"known_phones_per_key_per_day": MOST, "phone_questions_per_key_per_day": MOST}
    return create_app(replace(settings, **limits))


@pytest.fixture
def narrow(_narrow: Flask) -> District:
    """A district whose shops' keys may name few phones."""
    return new_district(Api.inside(_narrow, OPERATOR_KEY))


def strangers(district: District, count: int) -> list[str]:
    """Phones of members whom the first shop doesn't know."""
    phones = [new_phone() for _ in range(count)]
    for phone in phones:
        enrol(district, phone=phone).ok(201)
    return phones


def check_limited(reply: Reply) -> None:
    refused = check_problem(reply, 429, "rate-limited")
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert (refused.headers["RateLimit-Limit"], refused.headers["RateLimit-Remaining"]) == (str(MOST), "0")


def name_it(district: District, way: str, phone: str) -> Reply:
    if way == "enrolment":
        return enrol(district, district.shop.key, phone=phone)
    return district.report(key=district.shop.key, phone=phone, amount=0)


@pytest.mark.parametrize("way", ["enrolment", "sale"])
def test_naming_known_phones_ends_at_the_day_s_fill(narrow: District, way: str) -> None:
    """So many strangers' phones a key may name in a day, and not one more; the refused one stays unknown."""
    *first, last = strangers(narrow, MOST + 1)
    assert all(name_it(narrow, way, phone).status in (200, 201) for phone in first)
    check_limited(name_it(narrow, way, last))
    assert len(narrow.api.get("/v1/members", narrow.shop.key).ok()["data"]) == MOST
    assert len(narrow.api.get("/v1/transactions", narrow.shop.key).ok()["data"]) == (MOST if way == "sale" else 0)


def test_both_ways_fill_one_measure(narrow: District) -> None:
    """Enrolments and sales are counted together, in batches too, where only what is too much is refused."""
    phones = strangers(narrow, MOST + 2)
    name_it(narrow, "enrolment", phones[0]).ok(200)
    body: dict[str, Any] = {"members": [{"phone": phone} for phone in phones[:3]]}
    statuses = [one["status"] for one in narrow.api.post("/v1/members/batch", body, narrow.shop.key).ok()["results"]]
    assert statuses == [200] * 3
    body = {"transactions": [narrow.sale(phone=phone) for phone in (*phones, new_phone())]}
    results = narrow.api.post("/v1/transactions/batch", body, narrow.shop.key).ok()["results"]
    assert [one["status"] for one in results] == [201, 201, 201, 429, 429, 201]


@pytest.mark.parametrize("way", ["enrolment", "sale"])
def test_a_shop_is_told_what_it_has_left(narrow: District, way: str) -> None:
    """Where a phone is counted the answer says how many are left today; an own customer's isn't."""
    first, second, third = strangers(narrow, MOST)
    left = [name_it(narrow, way, phone).headers["RateLimit-Remaining"] for phone in (first, second)]
    assert left == ["2", "1"]
    assert name_it(narrow, way, first).headers["RateLimit-Limit"] != str(MOST)
    body = {"members": [{"phone": first}, {"phone": third}, {"phone": new_phone()}]}
    batch = narrow.api.post("/v1/members/batch", body, narrow.shop.key)
    batch.ok(200)
    assert batch.headers["RateLimit-Remaining"] == "0"


def test_a_busy_shop_is_not_stopped(narrow: District) -> None:
    """Its own customers, new phones and the alliance's key don't count."""
    [own] = strangers(narrow, 1)
    for _ in range(2 * MOST):
        name_it(narrow, "sale", own).ok(201)
        name_it(narrow, "enrolment", own).ok(200)
        name_it(narrow, "enrolment", new_phone()).ok(201)
        name_it(narrow, "sale", new_phone()).ok(201)
    for phone in strangers(narrow, 2 * MOST):
        narrow.report(phone=phone).ok(201)
        enrol(narrow, phone=phone, store_id=narrow.shop.store_id).ok(200)


def test_another_key_has_a_measure_of_its_own(narrow: District) -> None:
    """One shop's scraper stops neither another shop nor another key of its own."""
    phones = strangers(narrow, MOST + 1)
    for phone in phones[:MOST]:
        name_it(narrow, "enrolment", phone).ok(200)
    check_limited(name_it(narrow, "enrolment", phones[-1]))
    enrol(narrow, narrow.other_shop.key, phone=phones[-1]).ok(200)
    enrol(narrow, narrow.store_key(narrow.shop), phone=phones[-1]).ok(200)


@pytest.mark.parametrize("way", ["quote", "look-up"])
def test_questions_by_phone_end_at_the_day_s_fill(narrow: District, way: str) -> None:
    """Quotes and look-ups by phone are counted, whoever's it is, so that the count tells nothing either."""

    def question(phone: str) -> Reply:
        if way == "quote":
            return narrow.api.post("/v1/transactions/quote", narrow.sale(phone=phone), narrow.shop.key)
        return narrow.api.get(f"/v1/members?phone={phone}", narrow.shop.key)

    [known] = strangers(narrow, 1)
    left = [question(phone).headers["RateLimit-Remaining"] for phone in (known, new_phone(), known)]
    assert left == ["2", "1", "0"]
    check_limited(question(new_phone()))


def test_without_valkey_tills_go_on(app: Flask, settings: Settings) -> None:
    """While nothing can be counted, sales, enrolments and quotes by phone are answered."""
    place = Api.inside(create_app(replace(settings, redis_url="redis://127.0.0.1:1/0")), OPERATOR_KEY)
    district = new_district(place)
    for phone in strangers(district, 2):
        name_it(district, "sale", phone).ok(201)
    for phone in strangers(district, 2):
        name_it(district, "enrolment", phone).ok(200)
        place.post("/v1/transactions/quote", district.sale(phone=phone), district.shop.key).ok(200)
