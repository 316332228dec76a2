"""Nobody shuts the owner of a number out by asking for codes to it, or by guessing them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.config import Settings
from app.foundation.runtime import runtime
from tests.factories.callers import Making, ask_from, check_limited, guess_from, making, new_address
from tests.factories.districts import new_phone
from tests.factories.problems import check_problem
from tests.factories.shoppers import code_of, wrong_code

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def limited(settings: Settings) -> Making:
    return making(settings)


def test_wrong_codes_of_strangers_don_t_shut_the_owner_out(limited: Making) -> None:
    """Ten wrong codes, at codes that strangers asked for, and the owner still has all five tries at its own."""
    district, phone = limited(codes_per_phone="100 per day"), new_phone()
    for _ in range(4):
        challenge = ask_from(district, phone).ok(202)["challenge"]
        for number in range(1, 6):
            assert guess_from(district, challenge, wrong_code(challenge, number)).status in (422, 429)
    own = ask_from(district, phone).ok(202)["challenge"]
    for number in range(1, 5):
        check_problem(guess_from(district, own, wrong_code(own, number)), 422, "invalid-code")
    guess_from(district, own, code_of(own)).ok(200)


def test_nor_do_those_who_share_its_network(limited: Making) -> None:
    """In the Wi-Fi of a mall where somebody guesses, the first try at a code is looked at."""
    limits = {"wrong_codes_per_phone": "3 per hour", "wrong_codes_per_address": "3 per hour"}
    district, phone, mall = limited(codes_per_phone="100 per day", **limits), new_phone(), new_address()
    challenge = ask_from(district, phone, mall).ok(202)["challenge"]
    for number in range(1, 4):
        check_problem(guess_from(district, challenge, wrong_code(challenge, number), mall), 422, "invalid-code")
    check_limited(guess_from(district, challenge, code_of(challenge), mall))
    own = ask_from(district, phone, mall).ok(202)["challenge"]
    guess_from(district, own, code_of(own), mall).ok(200)


def test_a_code_has_five_tries_from_wherever_they_come(limited: Making) -> None:
    """So the odds of guessing hang on how many codes are sent, and on nothing that a guesser has."""
    district = limited()
    challenge = ask_from(district, new_phone()).ok(202)["challenge"]
    for number in range(1, 6):
        check_problem(guess_from(district, challenge, wrong_code(challenge, number)), 422, "invalid-code")
    check_problem(guess_from(district, challenge, code_of(challenge)), 422, "invalid-code")


def test_asking_for_its_codes_doesn_t_shut_the_owner_out(limited: Making) -> None:
    """From where it has proven its number before, the owner is sent codes, however many strangers have asked for."""
    district, phone, home = limited(codes_per_phone="2 per hour"), new_phone(), new_address()
    own = ask_from(district, phone, home).ok(202)["challenge"]
    guess_from(district, own, code_of(own), home).ok(200)
    ask_from(district, phone).ok(202)
    for _ in range(3):
        check_limited(ask_from(district, phone))
    for _ in range(2):
        own = ask_from(district, phone, home).ok(202)["challenge"]
        guess_from(district, own, code_of(own), home).ok(200)
    check_limited(ask_from(district, phone, home))


def test_a_network_stays_known_while_the_owner_comes_back(limited: Making) -> None:
    """Ninety days count from the last time that the number was proven there, not from the first."""
    district, phone, home = limited(), new_phone(), new_address()
    valkey = runtime().valkey.client
    before = set(valkey.keys("proven-from*"))
    for _ in range(2):
        own = ask_from(district, phone, home).ok(202)["challenge"]
        guess_from(district, own, code_of(own), home).ok(200)
        [known] = [key for key in valkey.keys("proven-from*") if key not in before]
        days_left = timedelta(seconds=valkey.ttl(known)).days
        assert days_left >= 89
        valkey.expire(known, timedelta(days=1))


def test_a_caller_with_many_addresses_of_one_network_is_one_caller(limited: Making) -> None:
    """IPv6 is counted by /64, in whatever spelling; a neighbour's network by itself."""
    district = limited(codes_per_address="3 per hour")
    network = f"2001:db8:{new_address().split('.')[-1]}:7"
    for end in ("::1", ":ffff:0:0:9", ":A:B:C:D"):
        ask_from(district, new_phone(), network + end).ok(202)
    check_limited(ask_from(district, new_phone(), network + "::77"))
    ask_from(district, new_phone(), network[:-1] + "8::1").ok(202)


def test_an_address_of_ipv4_is_one_however_it_is_written(limited: Making) -> None:
    """Mapped into IPv6 it counts as itself, and not as one network with all others."""
    district, address = limited(codes_per_address="2 per hour"), new_address()
    ask_from(district, new_phone(), address).ok(202)
    ask_from(district, new_phone(), f"::ffff:{address}").ok(202)
    check_limited(ask_from(district, new_phone(), address))
    ask_from(district, new_phone(), f"::ffff:{new_address()}").ok(202)
