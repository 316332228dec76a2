"""What is counted of wrong codes, and what is not, when Valkey counts and when it is away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app
from app.foundation.ids import new_id
from app.foundation.tenancy import Principal
from app.members.codes import guessing
from app.members.codes.guessing import PER_MEMBER, PER_TILL, PER_TILL_AND_MEMBER, Guesses
from tests.factories.installations import free_port

NUMBER, OTHER = "0000012345", "0000054321"


@pytest.fixture
def till(context: None) -> Principal:
    """A new till's key."""
    return Principal("key", new_id("key"), new_id("dis"), scopes=frozenset({"transactions:write"}))


def guess(till: Principal, count: int, number: str = NUMBER, store: str | None = None) -> None:
    """Some wrong codes, each in a call of its own."""
    for digits in range(count):
        guesses = Guesses(till, store, [(number, digits)])
        guesses.wrong(number, digits)
        guesses.count_wrong()


def is_stopped(till: Principal, number: str = NUMBER, store: str | None = None) -> bool:
    guesses = Guesses(till, store, [(number, "next")])
    refusal = guesses.refusal(number, "next")
    guesses.count_wrong()
    return refusal is not None


def test_a_till_that_was_never_wrong_goes_on(till: Principal) -> None:
    assert not is_stopped(till)
    Guesses(till, None, []).count_wrong()
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
    refusal = Guesses(till, None, [(OTHER, 1)]).refusal(OTHER, 1)
    assert refusal is not None
    assert (refusal.headers["RateLimit-Limit"], refusal.headers["RateLimit-Remaining"]) == ("30", "0")
    assert 3500 < int(refusal.headers["Retry-After"]) <= 3600


def test_stores_of_a_district_key_are_tills_of_their_own(till: Principal) -> None:
    guess(till, PER_TILL_AND_MEMBER.amount, store="str_1")
    assert is_stopped(till, store="str_1")
    assert not is_stopped(till, store="str_2")


def test_what_a_call_was_wrong_about_counts_within_it(till: Principal) -> None:
    most = PER_TILL_AND_MEMBER.amount
    guesses = Guesses(till, None, [*((NUMBER, digits) for digits in range(most + 1)), (OTHER, 0)])
    for digits in range(most):
        assert guesses.refusal(NUMBER, digits) is None
        guesses.wrong(NUMBER, digits)
    assert guesses.refusal(NUMBER, most) is not None
    assert guesses.refusal(NUMBER, 0) is None, "it was looked at already: its unit of work is done again"
    assert guesses.refusal(OTHER, 0) is None


def test_the_same_said_twice_counts_once(till: Principal) -> None:
    wrong = [(NUMBER, digits) for digits in range(PER_TILL_AND_MEMBER.amount - 1)]
    guesses = Guesses(till, None, wrong)
    for _ in range(3):
        for one in wrong:
            guesses.wrong(*one)
    guesses.count_wrong()
    guesses.count_wrong()
    assert not is_stopped(till)


def test_tries_are_counted_before_they_are_looked_at(till: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many calls come at one time, no more of them look than may be wrong."""
    monkeypatch.setattr(guessing, "WAITS_SECONDS", ())
    calls = [Guesses(till, None, [(NUMBER, digits)]) for digits in range(32)]
    looked = [one for digits, one in enumerate(calls) if one.refusal(NUMBER, digits) is None]
    assert len(looked) == PER_TILL_AND_MEMBER.amount


def test_a_call_waits_for_the_right_ones_of_others(till: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = [Guesses(till, None, [(NUMBER, 1)]) for _ in range(PER_TILL_AND_MEMBER.amount)]
    waiting = SimpleNamespace(sleep=lambda seconds: seconds and [one.count_wrong() for one in calls])
    monkeypatch.setattr(guessing, "time", waiting)  # its own: threads of the process sleep, too
    assert not is_stopped(till)


def test_right_ones_are_given_back(till: Principal) -> None:
    for _ in range(3):
        calls = [Guesses(till, None, [(f"{number:010d}", 1)]) for number in range(PER_TILL.amount)]
        assert all(one.refusal(f"{number:010d}", 1) is None for number, one in enumerate(calls))
        for one in calls:
            one.count_wrong()


def test_a_batch_of_right_codes_is_looked_at_whole_and_leaves_room_for_the_till(till: Principal) -> None:
    numbers = [f"{number:010d}" for number in range(1000)]
    batch = Guesses(till, None, [(number, 1) for number in numbers])
    assert all(batch.refusal(number, 1) is None for number in numbers)
    assert not is_stopped(till, OTHER)
    batch.count_wrong()


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
