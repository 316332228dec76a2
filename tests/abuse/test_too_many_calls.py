"""One caller can't take the place of the others: calls per key, keys that open nothing, guesses at codes and receipts."""

from __future__ import annotations

import itertools
import json
import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from limits import RateLimitItemPerMinute

from app.config import Settings
from app.coupons.offers.api import LOOKS
from app.districts import queries
from app.factory import create_app
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.logs import JsonLines
from app.foundation.tenancy import system_principal
from app.members.codes.guessing import PER_TILL_AND_MEMBER
from app.shopper import door
from app.signin.sessions import services as sessions
from tests.factories.api import Api, Reply
from tests.factories.codes import Phone, new_phone_of
from tests.factories.districts import District, new_district, new_phone
from tests.factories.problems import check_problem

THREADS = 32
MOST = 5
_hosts = itertools.count(1)


def new_address() -> str:
    """A client's address that no other call here has."""
    return f"203.0.113.{next(_hosts)}"


@pytest.fixture
def strict(settings: Settings, context: None) -> District:
    """A district of a product that allows little, behind a proxy that tells addresses."""
    few = replace(settings, rate_limit_per_second=MOST, wrong_keys_per_address_per_minute=MOST, trusted_proxies=1)
    return new_district(Api.inside(create_app(few), settings.operator_key))


def call(district: District, key: str, address: str) -> Reply:
    path = "/v1/transactions"
    return district.api.call("GET", path, key=key, headers={"X-Forwarded-For": address})


def until_refused(district: District, key: str, most: int) -> Reply:
    """Calls until a refusal; windows of a second end meanwhile on a slow machine."""
    address = new_address()
    for _ in range(20 * most):
        reply = call(district, key, address)
        if reply.status != 200:
            return reply
    raise AssertionError("never refused")


def test_a_key_makes_so_many_calls_a_second_and_another_isn_t_held_up(strict: District) -> None:
    """A busy client is told when to come again, and its neighbour notices nothing."""
    refused = check_problem(until_refused(strict, strict.shop.key, MOST), 429, "rate-limited")
    assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"] == "1"
    assert (refused.headers["RateLimit-Limit"], refused.headers["RateLimit-Remaining"]) == (str(MOST), "0")
    assert call(strict, strict.other_shop.key, new_address()).headers["RateLimit-Limit"] == str(MOST)


def test_a_batch_is_one_call(strict: District) -> None:
    """Whoever has much to report does so in batches, which the limit doesn't hold up."""
    sales = {"transactions": [strict.sale(amount=1) for _ in range(20 * MOST)]}
    results = strict.api.post("/v1/transactions/batch", sales, strict.shop.key).ok(200)["results"]
    assert {one["status"] for one in results} == {201}


def test_keys_that_open_nothing_are_refused_unheard(strict: District, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some of them the database isn't asked any more, from that network; keys that are known there still work."""
    address, asked = new_address(), []
    assert call(strict, strict.shop.key, address).status == 200
    look_up = queries.principal_of
    monkeypatch.setattr(queries, "principal_of", lambda uow, digest: asked.append(1) or look_up(uow, digest))
    wrong = [strict.shop.key[:-4] + f"{number:04}" for number in range(3 * MOST)]
    replies = [call(strict, key, address) for key in wrong]
    assert Counter(reply.status for reply in replies) == {401: MOST, 429: 2 * MOST}
    assert len(asked) <= MOST + 1
    assert call(strict, strict.shop.key, address).status == 200
    assert call(strict, wrong[0], new_address()).status == 401


def test_who_is_refused_again_and_again_can_be_told_from_others(
    strict: District, caplog: pytest.LogCaptureFixture
) -> None:
    """Lines of 401, 403 and 429 carry a print of the network, which is the same for the same one; no address is told."""
    address, other = new_address(), new_address()
    with caplog.at_level(logging.INFO, "quantong.requests"):
        for key, where in (("sk_live_x", address), ("sk_live_y", address), ("sk_live_x", other), (strict.key, other)):
            call(strict, key, where)
    lines = [json.loads(JsonLines().format(one)) for one in caplog.records if one.name == "quantong.requests"]
    first, second, third, fine = [line.get("network_print") for line in lines]
    assert first == second != third
    assert first and fine is None
    assert not any(place in json.dumps(lines) for place in (address, other))


@pytest.fixture
def phone(district: District, context: None) -> Phone:
    return new_phone_of(district)


def test_guesses_at_one_time_are_no_more_than_guesses_in_a_row(district: District, phone: Phone) -> None:
    """However many threads guess a member's code, no more are looked at than a till may be wrong."""
    right = phone.code()
    wrong = [right[:-6] + f"{(int(right[-6:]) + 7919 * (number + 1)) % 1_000_000:06}" for number in range(THREADS)]

    def guess(code: str) -> Reply:
        body = {"code": code, "store_id": district.shop.store_id}
        return district.api.post("/v1/member-codes/resolve", body, district.shop.key)

    with ThreadPoolExecutor(THREADS) as crowd:
        replies = list(crowd.map(guess, wrong))
    counts = Counter(reply.status for reply in replies)
    assert counts[404] <= PER_TILL_AND_MEMBER.amount
    assert counts[404] + counts[429] == THREADS
    assert guess(right).status == 429


def test_right_codes_never_stop_a_busy_till(district: District, context: None) -> None:
    """Sales by code one after another, and all in one batch, use up no tries."""
    phones = [new_phone_of(district) for _ in range(6)]
    for phone in phones * 7:
        assert district.report(amount=1, member_code=phone.code()).status == 201
    sales = [district.sale(amount=1, member_code=phone.code()) for phone in phones for _ in range(9)]
    results = district.api.post("/v1/transactions/batch", {"transactions": sales}, district.key).ok(200)["results"]
    assert {one["status"] for one in results} == {201}


def look_at_offers(district: District, slug: str, address: str) -> Reply:
    path = f"/v1/districts/{slug}/offers"
    return district.api.call("GET", path, key=None, headers={"X-Forwarded-For": address})


def test_a_network_looks_at_offers_six_hundred_times_a_minute(settings: Settings, context: None) -> None:
    """Also at those of districts that are none, so nobody tries names; another network, and who has a key, notice nothing."""
    behind = create_app(replace(settings, trusted_proxies=1))
    district, address = new_district(Api.inside(behind, settings.operator_key)), new_address()
    looks = 0
    while look_at_offers(district, "nowhere", address).status == 404:
        looks += 1
        assert looks <= 2 * LOOKS.amount, "never refused"
    assert (LOOKS.amount, looks >= LOOKS.amount) == (600, True), "a minute may end meanwhile"
    refused = check_problem(look_at_offers(district, district.slug, address), 429, "rate-limited")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    look_at_offers(district, district.slug, new_address()).ok(200)
    call(district, district.key, address).ok(200)


def test_a_network_looks_at_pages_so_often_a_minute(
    settings: Settings, context: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At those of no district too, and with made-up cookies; another network, and members, notice nothing."""
    monkeypatch.setattr(door, "LOOKS", RateLimitItemPerMinute(MOST, namespace="few-pages"))
    behind = create_app(replace(settings, trusted_proxies=1))
    district, address = new_district(Api.inside(behind, settings.operator_key)), new_address()
    with unit_of_work(system_principal(district.id)) as uow:
        token = sessions.start_in_browser(uow, district.member(new_phone()))

    def look(path: str, address: str, cookie: str = "") -> int:
        client = behind.test_client()
        client.set_cookie(f"__Host-shopper-{district.slug}", cookie, domain="localhost", secure=True)
        sent = {"X-Forwarded-For": address}
        return client.get(f"/s/{path}", headers=sent, base_url="https://localhost").status_code

    paths = (f"{district.slug}/shops", f"{district.slug}/theme.css", "nowhere/join", f"{district.slug}/poster")
    assert [look(one, address, "made-up") for one in (*paths, f"{district.slug}/join")] == [200, 200, 404, 404, 200]
    assert {look(one, address) for one in paths} == {429}
    assert look(paths[0], new_address()) == 200
    assert look(f"{district.slug}/points", address, token) == 200
