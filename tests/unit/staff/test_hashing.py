"""Few passwords are hashed at once, whoever comes together."""

from __future__ import annotations

import threading

import pytest

from app.foundation.problems import Busy
from app.staff import hashing


def test_what_is_kept_tells_right_from_wrong() -> None:
    kept = hashing.hash_secret("2580")
    assert kept.startswith("$argon2id$")
    assert hashing.is_right(kept, "2580")
    assert not hashing.is_right(kept, "2581")
    assert not hashing.is_right("", "2580"), "who has been removed has none"


def test_of_many_who_come_at_once_few_are_worked_on_or_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    class Slow:
        def hash(self, secret: str) -> str:
            begun.release()
            assert go_on.wait(30)
            return secret

    monkeypatch.setattr(hashing, "_HASHER", Slow())
    monkeypatch.setattr(hashing, "PATIENCE_SECONDS", 30.0)
    told: list[str] = []
    crowd = [
        threading.Thread(target=lambda: told.append(hashing.hash_secret("x")))
        for _ in range(hashing.AT_ONCE + hashing.WAITING)
    ]
    for one in crowd:
        one.start()
    assert begun.acquire(timeout=30)
    while hashing._places._value:  # all of them stand in line
        pass
    with pytest.raises(Busy):
        hashing.hash_secret("one too many")
    assert not begun.acquire(blocking=False), "one at a time"
    go_on.set()
    for one in crowd:
        one.join(30)
    assert told == ["x"] * len(crowd)
