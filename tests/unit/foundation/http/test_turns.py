"""Batches one after the other where they were in each other's way; who waits for others steps aside."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.foundation.http import turns
from app.foundation.http.turns import LASTS_SECONDS, in_turn, stepping_aside, take_turns

BUSY, QUIET = "dis_busy", "dis_quiet"
CALLERS = 8


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The time, which a test may move; batches of BUSY have just been in each other's way."""
    now = [1_000.0]
    monkeypatch.setattr(turns, "monotonic", lambda: now[0])
    turns._line_of.cache_clear()
    take_turns(BUSY)
    yield now
    turns._line_of.cache_clear()


def is_taken(district_id: str = BUSY) -> bool:
    """Whether one that comes now would wait."""
    return turns._line_of(district_id).turn.locked()


def test_never_two_at_once() -> None:
    together, under_way, seen = Barrier(CALLERS), [0], []

    def one(_: int) -> None:
        together.wait()
        for _ in range(50):
            with in_turn(BUSY):
                under_way[0] += 1
                seen.append(under_way[0])
                under_way[0] -= 1

    with ThreadPoolExecutor(CALLERS) as threads:
        list(threads.map(one, range(CALLERS)))
    assert seen == [1] * 50 * CALLERS
    assert not is_taken()


def test_another_district_s_wait_for_nobody() -> None:
    with in_turn(BUSY), in_turn(QUIET):
        assert is_taken()
        assert not is_taken(QUIET)


def test_no_turns_are_taken_once_nobody_was_in_the_way_for_a_while(clock: list[float]) -> None:
    clock[0] += LASTS_SECONDS + 1
    with in_turn(BUSY):
        assert not is_taken()


def test_one_that_fails_gives_its_turn_back() -> None:
    with pytest.raises(LookupError), in_turn(BUSY):
        raise LookupError
    assert not is_taken()


def test_who_steps_aside_lets_the_next_go_ahead_and_then_has_its_turn_again() -> None:
    with in_turn(BUSY):
        assert is_taken()
        with stepping_aside():
            assert not is_taken()
        assert is_taken()
    assert not is_taken()


def test_a_failure_aside_gives_the_turn_back_once() -> None:
    with pytest.raises(LookupError), in_turn(BUSY), stepping_aside():
        raise LookupError
    assert not is_taken()


def test_who_has_no_turn_gives_nobody_else_s_away() -> None:
    def step_aside() -> bool:
        with in_turn(QUIET), stepping_aside():
            return is_taken()

    with in_turn(BUSY), ThreadPoolExecutor(1) as threads:
        assert threads.submit(step_aside).result()
