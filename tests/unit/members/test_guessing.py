"""What is counted of wrong codes, and what is not, when Valkey counts and when it is away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app
from app.foundation.ids import new_id
from app.foundation.tenancy import Principal
from app.members.guessing import PER_MEMBER, PER_TILL, PER_TILL_AND_MEMBER, Guesses
from tests.factories.installations import free_port

NUMBER, OTHER = "0000012345", "0000054321"


@pytest.fixture
def till(context: None) -> Principal:
    """A new till's key."""
    return Principal("key", new_id("key"), new_id("dis"), scopes=frozenset({"transactions:write"}))


def guess(till: Principal, count: int, number: str = NUMBER, store: str | None = None) -> None:
    """Some wrong codes, each in a call of its own."""
    for digits in range(count):
        guesses = Guesses(till, store)
        guesses.wrong(number, digits)
        guesses.count()


def is_stopped(till: Principal, number: str = NUMBER, store: str | None = None) -> bool:
    return Guesses(till, store).refusal(number) is not None


def test_a_till_that_was_never_wrong_goes_on(till: Principal) -> None:
    assert not is_stopped(till)
    Guesses(till, None).count()
    assert not is_stopped(till)


def test_ten_about_one_member_stop_that_only(till: Principal) -> None:
    guess(till, PER_TILL_AND_MEMBER.amount - 1)
    assert not is_stopped(till)
    guess(till, 1)
    assert is_stopped(till)
    assert not is_stopped(till, OTHER)
    assert not is_stopped(replace(till, id=new_id("key")))


def test_thirty_in_an_hour_stop_a_till(till: Principal) -> None:
    for number in range(PER_TILL.amount):
        assert not is_stopped(till, OTHER)
        guess(till, 1, f"{number:010d}")
    assert is_stopped(till, OTHER)
    refusal = Guesses(till, None).refusal(OTHER)
    assert refusal is not None
    assert (refusal.headers["RateLimit-Limit"], refusal.headers["RateLimit-Remaining"]) == ("30", "0")
    assert 3500 < int(refusal.headers["Retry-After"]) <= 3600


def test_stores_of_a_district_key_are_tills_of_their_own(till: Principal) -> None:
    guess(till, PER_TILL_AND_MEMBER.amount, store="str_1")
    assert is_stopped(till, store="str_1")
    assert not is_stopped(till, store="str_2")


def test_what_a_call_was_wrong_about_counts_within_it(till: Principal) -> None:
    guesses = Guesses(till, None)
    for digits in range(PER_TILL_AND_MEMBER.amount):
        assert guesses.refusal(NUMBER) is None
        guesses.wrong(NUMBER, digits)
    assert guesses.refusal(NUMBER) is not None
    assert guesses.refusal(OTHER) is None


def test_the_same_said_twice_counts_once(till: Principal) -> None:
    guesses = Guesses(till, None)
    for _ in range(3):
        for digits in range(PER_TILL_AND_MEMBER.amount - 1):
            guesses.wrong(NUMBER, digits)
    guesses.count()
    guesses.count()
    assert not is_stopped(till)


def test_beyond_what_all_tills_may_a_till_has_one_try(till: Principal) -> None:
    tills = [replace(till, id=new_id("key")) for _ in range(-(-PER_MEMBER.amount // 4) + 1)]
    for one in tills[:-1]:
        guess(one, 4)
    newcomer = tills[-1]
    assert not is_stopped(newcomer)
    guess(newcomer, 1)
    assert is_stopped(newcomer)
    assert is_stopped(tills[0])
    assert not is_stopped(tills[0], OTHER)


def test_the_same_number_elsewhere_is_another_member(till: Principal) -> None:
    guess(till, PER_TILL_AND_MEMBER.amount)
    assert not is_stopped(replace(till, id=new_id("key"), district_id=new_id("dis")))


@pytest.fixture
def alone(settings: Settings) -> Iterator[Flask]:
    """The product while Valkey can't be reached."""
    app = create_app(replace(settings, redis_url=f"redis://127.0.0.1:{free_port()}"))
    with app.app_context():
        yield app


@pytest.mark.usefixtures("alone")
def test_while_nothing_can_be_counted_tills_go_on() -> None:
    till = Principal("key", new_id("key"), new_id("dis"))
    guess(till, PER_TILL.amount + 1)
    assert not is_stopped(till)
