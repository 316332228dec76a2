"""Few passwords are hashed at once, whoever comes together, and PINs don't wait for them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from app.foundation.problems import Busy
from app.staff import hashing
from app.staff.hashing import PASSWORDS, PINS, WAITING, WaitingLine
from app.staff.hashing_hand import AT_ONCE, NICENESS, Hand, Worker
from tests.factories.processes import wait_until


class Slow(Worker):
    """Works until it is told to."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Semaphore(0), threading.Event()

    def hash(self, secret: str) -> str:
        self.begun.release()
        assert self.go_on.wait(30)
        return secret


@pytest.fixture
def hand() -> Iterator[Hand]:
    found = Hand()
    yield found
    found.close()


@pytest.mark.parametrize("line", [PASSWORDS, PINS], ids=["passwords", "PINs"])
def test_what_is_kept_tells_right_from_wrong(line: WaitingLine) -> None:
    kept = line.hash("马读地图\n")
    assert kept.startswith("$argon2id$")
    assert line.is_right(kept, "马读地图\n")
    assert not line.is_right(kept, "马读地图")
    assert not line.is_right("", "2580"), "who has been removed has none"


def test_of_many_who_come_at_once_one_is_worked_on_and_few_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "PATIENCE_SECONDS", 30.0)
    slow, told = Slow(), list[str]()
    line = WaitingLine(slow)
    crowd = [threading.Thread(target=lambda: told.append(line.hash("x"))) for _ in range(1 + WAITING)]
    for one in crowd:
        one.start()
    assert slow.begun.acquire(timeout=30)
    assert wait_until(lambda: not line._places._value), "all of them stand in line"
    with pytest.raises(Busy):
        line.hash("one too many")
    assert not slow.begun.acquire(blocking=False), "one at a time"
    assert PINS.is_right(PINS.hash("2580"), "2580"), "others have a line of their own"
    slow.go_on.set()
    for one in crowd:
        one.join(30)
    assert told == ["x"] * len(crowd)


def test_whoever_waits_too_long_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "PATIENCE_SECONDS", 0.0)
    line = WaitingLine(Worker())
    with line.turn(), pytest.raises(Busy):
        line.hash("x")
    assert line.hash("x"), "and has left the line"


def test_everything_else_goes_before_the_hand(hand: Hand) -> None:
    hand.hash("x")
    assert hand._process is not None
    assert os.getpriority(os.PRIO_PROCESS, hand._process.pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)
    assert os.getsid(hand._process.pid) != os.getsid(0)


def test_another_hand_comes_where_one_has_gone(hand: Hand) -> None:
    kept = hand.hash("x")
    assert hand._process is not None
    hand._process.kill()
    assert hand.is_right(kept, "x")


def test_a_hand_keeps_its_pace(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    monkeypatch.setattr("app.staff.hashing_hand.SECONDS_EACH", 0.2)
    monkeypatch.setattr("time.monotonic", lambda: 1000.0 + sum(rests))
    monkeypatch.setattr("time.sleep", rests.append)
    for _ in range(AT_ONCE + 3):
        hand._keep_pace()
    assert rests == pytest.approx([0.0] * AT_ONCE + [0.2] * 3)
