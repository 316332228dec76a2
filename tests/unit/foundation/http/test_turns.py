"""Turns: at most so many requests at work, and none held by who waits for a body."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from app.foundation.http.turns import Turns

PATIENCE_SECONDS = 30


class Slow:
    """A body that comes when it is told to."""

    def __init__(self) -> None:
        self.asked, self.come = threading.Event(), threading.Event()

    def read(self, *_: int) -> bytes:
        self.asked.set()
        assert self.come.wait(PATIENCE_SECONDS)
        return b"{}"


def application(environ: Any, _start: Any) -> Iterable[bytes]:
    return [environ["wsgi.input"].read()]


def call(turns: Turns, body: Any) -> bytes:
    environ = {"CONTENT_LENGTH": "2", "SERVER_PORT": "8000", "wsgi.input": body}
    return b"".join(turns(environ, lambda *_: lambda _: None))


def test_a_body_that_doesn_t_come_holds_no_turn() -> None:
    turns = Turns(application, at_once=1, body_seconds=PATIENCE_SECONDS)
    slow, quick = Slow(), Slow()
    quick.come.set()
    waits = threading.Thread(target=call, args=(turns, slow))
    waits.start()
    assert slow.asked.wait(PATIENCE_SECONDS)
    assert call(turns, quick) == b"{}"
    slow.come.set()
    waits.join(PATIENCE_SECONDS)
    assert call(turns, quick) == b"{}"


def test_no_more_than_allowed_are_at_work() -> None:
    at_work, most = 0, 0
    lock, full = threading.Lock(), threading.Barrier(2)

    def works(_environ: Any, _start: Any) -> Iterable[bytes]:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        full.wait(PATIENCE_SECONDS)  # two at a time, or nobody goes on
        with lock:
            at_work -= 1
        return [b""]

    turns = Turns(works, at_once=2, body_seconds=PATIENCE_SECONDS)
    threads = [threading.Thread(target=turns, args=({}, lambda *_: lambda _: None)) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(PATIENCE_SECONDS)
    assert (most, at_work) == (2, 0)


def test_a_body_that_fails_gives_the_turn_back_once() -> None:
    class Broken:
        def read(self, *_: int) -> bytes:
            raise OSError

    def forgives(environ: Any, _start: Any) -> Iterable[bytes]:
        try:
            environ["wsgi.input"].read()
        except OSError:
            return [b"sorry"]
        return [b""]

    turns = Turns(forgives, at_once=1, body_seconds=PATIENCE_SECONDS)
    assert [call(turns, Broken()) for _ in range(3)] == [b"sorry"] * 3
