"""Codes are limited per phone, address, district and in all; guesses too; and nobody learns who is a member."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

from app.config import Settings
from tests.factories.api import Reply
from tests.factories.callers import Making, ask_from, check_limited, guess_from, making, new_address
from tests.factories.districts import District, new_phone
from tests.factories.problems import check_problem
from tests.factories.shoppers import code_of, wrong_code

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def limited(settings: Settings) -> Making:
    return making(settings)


def test_a_phone_is_sent_so_many_codes_however_it_is_written(limited: Making) -> None:
    district, phone = limited(codes_per_phone="3 per hour"), new_phone()
    for left, spelled in (("2", phone), ("1", f"+86{phone}"), ("0", f"0086 {phone}")):
        asked = ask_from(district, spelled)
        asked.ok(202)
        assert (asked.headers["RateLimit-Limit"], asked.headers["RateLimit-Remaining"]) == ("3", left)
        assert 1 <= int(asked.headers["RateLimit-Reset"]) <= 3600
    check_limited(ask_from(district, phone))
    ask_from(district, new_phone()).ok(202)


def test_it_is_sent_no_more_by_going_through_other_districts(limited: Making) -> None:
    first, second = (limited(codes_per_phone="3 per 2 hours") for _ in range(2))
    phone = new_phone()
    for district in (first, second, first):
        ask_from(district, phone).ok(202)
    check_limited(ask_from(second, phone))


def test_each_of_several_limits_counts(limited: Making) -> None:
    district, phone = limited(codes_per_phone="2 per second; 3 per 3 hours"), new_phone()
    for _ in range(3):
        while ask_from(district, phone).status == 429:
            time.sleep(0.2)
    time.sleep(1.1)
    check_limited(ask_from(district, phone))


def test_an_address_asks_for_so_many(limited: Making) -> None:
    district, address = limited(codes_per_address="3 per hour"), new_address()
    for _ in range(3):
        ask_from(district, new_phone(), address).ok(202)
    check_limited(ask_from(district, new_phone(), address))
    ask_from(district, new_phone()).ok(202)


def test_a_district_sends_so_many_and_another_isn_t_held_up(limited: Making) -> None:
    district, other = (limited(codes_per_district="3 per hour") for _ in range(2))
    for _ in range(3):
        ask_from(district, new_phone()).ok(202)
    check_limited(ask_from(district, new_phone()))
    ask_from(other, new_phone()).ok(202)


def test_all_districts_together_spend_so_much(limited: Making) -> None:
    district, other = (limited(codes_in_total="3 per 7 hours") for _ in range(2))
    for one in (district, other, district):
        ask_from(one, new_phone()).ok(202)
    for one in (district, other):
        check_limited(ask_from(one, new_phone()))


def test_what_one_limit_refuses_the_next_doesn_t_count(limited: Making) -> None:
    district, phone = limited(codes_per_phone="1 per hour", codes_per_district="3 per 5 hours"), new_phone()
    ask_from(district, phone).ok(202)
    for _ in range(5):
        check_limited(ask_from(district, phone))
    for _ in range(2):
        ask_from(district, new_phone()).ok(202)


def test_wrong_codes_are_counted_over_all_challenges_that_a_network_asked_for(limited: Making) -> None:
    district, phone, address = limited(wrong_codes_per_phone="4 per hour"), new_phone(), new_address()
    for _ in range(2):
        challenge = ask_from(district, phone, address).ok(202)["challenge"]
        for number in (1, 2):
            check_problem(guess_from(district, challenge, wrong_code(challenge, number)), 422, "invalid-code")
    challenge = ask_from(district, phone, address).ok(202)["challenge"]
    check_problem(guess_from(district, challenge, wrong_code(challenge)), 422, "invalid-code")
    check_limited(guess_from(district, challenge, code_of(challenge)))
    other = ask_from(district, new_phone(), address).ok(202)["challenge"]
    check_problem(guess_from(district, other, wrong_code(other)), 422, "invalid-code")
    guess_from(district, other, code_of(other)).ok(200)


def test_an_address_guesses_so_often(limited: Making) -> None:
    district, address = limited(wrong_codes_per_address="3 per hour"), new_address()
    for _ in range(3):
        challenge = ask_from(district, new_phone()).ok(202)["challenge"]
        check_problem(guess_from(district, challenge, wrong_code(challenge), address), 422, "invalid-code")
    challenge = ask_from(district, new_phone()).ok(202)["challenge"]
    check_problem(guess_from(district, challenge, wrong_code(challenge), address), 422, "invalid-code")
    check_limited(guess_from(district, challenge, code_of(challenge), address))
    guess_from(district, challenge, code_of(challenge)).ok(200)


def test_challenges_that_nobody_was_given_are_guesses_too(limited: Making) -> None:
    district, address = limited(wrong_codes_per_address="3 per 2 hours"), new_address()
    challenge = ask_from(district, new_phone()).ok(202)["challenge"]
    unknown = challenge[:40] + ("aaaaaaaaaaaaaaa" if challenge[40:] != "a" * 15 else "b" * 15)
    for _ in range(3):
        check_problem(guess_from(district, unknown, "123456", address), 422, "invalid-code")
    check_limited(guess_from(district, unknown, "123456", address))


def test_right_codes_are_never_counted(limited: Making) -> None:
    district, phone, address = limited(wrong_codes_per_phone="1 per hour"), new_phone(), new_address()
    for _ in range(4):
        challenge = ask_from(district, phone).ok(202)["challenge"]
        guess_from(district, challenge, code_of(challenge), address).ok(200)


def test_without_counts_no_code_is_sent_and_none_is_tried(limited: Making, district: District) -> None:
    challenge = ask_from(district, new_phone()).ok(202)["challenge"]
    away = limited(redis_url="redis://127.0.0.1:1?socket_connect_timeout=0.2")
    check_problem(ask_from(away, new_phone()), 503, "busy")
    refused = away.api.post("/v1/auth/tokens", {"challenge": challenge, "code": code_of(challenge)}, None)
    check_problem(refused, 503, "busy")


def people(district: District) -> dict[str, Callable[[], str]]:
    """By what somebody is, a new phone of such a one."""

    def member() -> str:
        phone = new_phone()
        district.member(phone, name="王芳")
        return phone

    def frozen() -> str:
        phone = new_phone()
        district.api.post(f"/v1/members/{district.member(phone)}/freeze", {}, district.key).ok()
        return phone

    def erased() -> str:
        phone = new_phone()
        district.api.delete(f"/v1/members/{district.member(phone)}", district.key).ok()
        return phone

    return {"stranger": new_phone, "member": member, "frozen": frozen, "erased": erased}


def told(reply: Reply) -> tuple[int, Any, list[str]]:
    """What an answer says, but for what is random in each."""
    body = {key: "…" if key in ("challenge", "request_id") else one for key, one in reply.body.items()}
    return reply.status, body, sorted(name for name, _ in dict(reply.headers).items())


def test_nobody_is_told_who_is_a_member(district: District) -> None:
    asked, guessed = [], []
    for make in people(district).values():
        reply = ask_from(district, make())
        asked.append(told(reply))
        challenge = reply.ok(202)["challenge"]
        guessed += [told(guess_from(district, challenge, wrong_code(challenge, number))) for number in range(1, 7)]
    assert all(one == asked[0] for one in asked)
    assert all(one == guessed[0] for one in guessed)


ROUNDS = 60


def test_nor_by_how_long_it_takes(district: District) -> None:
    """Of two answers, one about a member and one about a stranger, either is the slower one in about half of all cases."""
    makers = people(district)
    taken: dict[str, dict[str, list[float]]] = {"ask": {}, "guess": {}}
    for number in range(ROUNDS):
        phones = [(kind, make()) for kind, make in makers.items()]
        first = number % len(phones)  # nobody is always first
        for kind, phone in phones[first:] + phones[:first]:
            started = time.perf_counter()
            challenge = ask_from(district, phone).ok(202)["challenge"]
            between = time.perf_counter()
            guess_from(district, challenge, wrong_code(challenge))
            taken["ask"].setdefault(kind, []).append(between - started)
            taken["guess"].setdefault(kind, []).append(time.perf_counter() - between)
    for what, by_kind in taken.items():
        strangers = by_kind.pop("stranger")
        for kind, seconds in by_kind.items():
            slower = statistics.fmean(one > other for one in seconds for other in strangers)
            assert 0.3 < slower < 0.7, (what, kind, slower)
