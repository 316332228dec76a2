"""Whoever is let down by Valkey says so to the others."""

from __future__ import annotations

import threading

import pytest
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as TooLate

from app.foundation.valkey import REST_SECONDS, Away, Valkey


class Time:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def valkey(time: Time) -> Valkey:
    return Valkey("redis://127.0.0.1:1", time)


def fail(valkey: Valkey) -> None:
    with pytest.raises(TooLate), valkey.asked():
        raise TooLate


def is_asked(valkey: Valkey) -> bool:
    try:
        with valkey.asked():
            return True
    except Away:
        return False


def test_while_it_answers_everybody_asks(valkey: Valkey) -> None:
    assert [is_asked(valkey) for _ in range(3)] == [True] * 3


def test_after_a_failure_nobody_asks_for_a_while(valkey: Valkey, time: Time) -> None:
    fail(valkey)
    assert not is_asked(valkey)
    time.now += REST_SECONDS - 0.1
    assert not is_asked(valkey)
    time.now += 0.1
    assert [is_asked(valkey) for _ in range(3)] == [True] * 3


def test_after_the_rest_one_tries_and_the_others_go_on_without(valkey: Valkey, time: Time) -> None:
    fail(valkey)
    time.now += REST_SECONDS
    others: list[bool] = []
    with valkey.asked():
        crowd = [threading.Thread(target=lambda: others.append(is_asked(valkey))) for _ in range(8)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
    assert others == [False] * 8
    assert is_asked(valkey)


def test_one_that_tries_in_vain_starts_a_rest_of_its_own(valkey: Valkey, time: Time) -> None:
    fail(valkey)
    time.now += REST_SECONDS
    fail(valkey)
    assert not is_asked(valkey)


def test_what_goes_wrong_elsewhere_says_nothing_of_it(valkey: Valkey) -> None:
    with pytest.raises(ZeroDivisionError), valkey.asked():
        raise ZeroDivisionError
    assert is_asked(valkey)


def test_away_is_an_error_of_redis() -> None:
    assert issubclass(Away, RedisError)
