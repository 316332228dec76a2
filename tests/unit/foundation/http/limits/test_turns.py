"""Turns: at most so many requests at work, and none held by who waits for a body."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from app.foundation.http.limits.turns import BIG, BIG_AT_ONCE, BIG_COMING, Turns
from app.foundation.problems import Busy

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
        def __init__(self) -> None:
            self.left = [b"aa", OSError()]

        def read(self, *_: int) -> bytes:
            piece = self.left.pop()
            if isinstance(piece, OSError):
                raise piece
            return piece

    def forgives(environ: Any, _start: Any) -> Iterable[bytes]:
        try:
            environ["wsgi.input"].read()
        except OSError:
            return [b"sorry"]
        return [b""]

    turns = Turns(forgives, at_once=1, body_seconds=PATIENCE_SECONDS)
    assert [call(turns, Broken()) for _ in range(3)] == [b"sorry"] * 3


def test_nothing_more_is_read_of_a_caller_who_is_gone() -> None:
    class Gone:
        reads = 0

        def read(self, *_: int) -> bytes:
            self.reads += 1
            raise ConnectionResetError

    def forgives(environ: Any, _start: Any) -> Iterable[bytes]:
        with suppress(OSError):
            environ["wsgi.input"].read()
        return [b"sorry"]

    body = Gone()
    turns = Turns(forgives, at_once=1, body_seconds=PATIENCE_SECONDS)
    assert (call(turns, body), body.reads) == (b"sorry", 1)


def test_what_nobody_read_is_dropped_after_the_answer() -> None:
    read: list[int] = []

    class Rest:
        def read(self, size: int) -> bytes:
            read.append(size)
            return b"x" * 10

    turns = Turns(lambda *_: [b"no"], at_once=1, body_seconds=PATIENCE_SECONDS)
    environ = {"CONTENT_LENGTH": "20", "SERVER_PORT": "8000", "wsgi.input": Rest()}
    answer = iter(turns(environ, lambda *_: lambda _: None))
    assert (next(answer), read) == (b"no", [])
    assert (list(answer), len(read)) == ([], 2)


def test_what_is_too_much_is_left() -> None:
    class Endless:
        def read(self, size: int) -> bytes:
            return b"x" * size

    turns = Turns(lambda *_: [b"no"], at_once=1, body_seconds=PATIENCE_SECONDS)
    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "SERVER_PORT": "8000", "wsgi.input": Endless()}
    assert list(turns(environ, lambda *_: lambda _: None)) == [b"no"]


def test_an_answer_is_closed_though_its_caller_has_left() -> None:
    closed: list[bool] = []

    class Answer:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"no"])

        def close(self) -> None:
            closed.append(True)

    turns = Turns(lambda *_: Answer(), at_once=1, body_seconds=PATIENCE_SECONDS)
    environ = {"CONTENT_LENGTH": "20", "SERVER_PORT": "8000", "wsgi.input": Slow()}
    answer: Any = turns(environ, lambda *_: lambda _: None)
    assert next(iter(answer)) == b"no"
    answer.close()
    assert closed == [True]


def test_few_big_bodies_are_at_work_and_hold_up_no_small_one() -> None:
    at_work, go_on = threading.Semaphore(0), threading.Event()

    def works(environ: Any, _start: Any) -> Iterable[bytes]:
        while environ["wsgi.input"].read(BIG):
            pass
        at_work.release()
        assert go_on.wait(PATIENCE_SECONDS) or environ["CONTENT_LENGTH"] == "2"
        return [b"done"]

    def sends(size: int) -> None:
        body = io.BytesIO(b" " * size)
        turns({"CONTENT_LENGTH": str(size), "SERVER_PORT": "8000", "wsgi.input": body}, lambda *_: lambda _: None)

    turns = Turns(works, at_once=BIG_AT_ONCE + 1, body_seconds=PATIENCE_SECONDS)
    big = [threading.Thread(target=sends, args=(BIG + 1,)) for _ in range(2 * BIG_AT_ONCE)]
    for one in big:
        one.start()
    for _ in range(BIG_AT_ONCE):
        assert at_work.acquire(timeout=PATIENCE_SECONDS)
    small = threading.Thread(target=sends, args=(2,))
    small.start()
    assert at_work.acquire(timeout=PATIENCE_SECONDS)  # the small one: the other big ones wait for a place
    assert not at_work.acquire(blocking=False)
    go_on.set()
    for one in (*big, small):
        one.join(PATIENCE_SECONDS)
    assert all(at_work.acquire(blocking=False) for _ in range(BIG_AT_ONCE))


class Held:
    """A big body of which the first half comes at once, and the rest when it is told to."""

    def __init__(self, come: threading.Event) -> None:
        self.asked, self._come, self._parts = threading.Event(), come, [b" " * BIG, b" " * BIG]

    def read(self, *_: int) -> bytes:
        if len(self._parts) == 1:
            self.asked.set()
            assert self._come.wait(PATIENCE_SECONDS)
        return self._parts.pop()


def reads_all(environ: Any, _start: Any) -> Iterable[bytes]:
    while environ["wsgi.input"].read():
        pass
    return [b"done"]


def sends(turns: Turns, body: Held) -> bytes:
    environ = {"CONTENT_LENGTH": str(2 * BIG), "SERVER_PORT": "8000", "wsgi.input": body}
    return b"".join(turns(environ, lambda *_: lambda _: None))


def test_so_many_big_bodies_are_kept_while_they_come_and_small_ones_pass() -> None:
    come, turns = threading.Event(), Turns(reads_all, at_once=4, body_seconds=PATIENCE_SECONDS)
    bodies = [Held(come) for _ in range(BIG_COMING + 4)]
    with ThreadPoolExecutor(len(bodies)) as callers:
        answers = [callers.submit(sends, turns, body) for body in bodies]
        for _ in range(100 * PATIENCE_SECONDS):
            if sum(body.asked.is_set() for body in bodies) == BIG_COMING:
                break
            threading.Event().wait(0.01)
        assert call(turns, io.BytesIO(b"{}")) == b"done"
        assert sum(body.asked.is_set() for body in bodies) == BIG_COMING
        come.set()
        assert [one.result(PATIENCE_SECONDS) for one in answers] == [b"done"] * len(bodies)


def test_a_big_body_that_finds_no_place_is_told_to_come_again() -> None:
    come, turns = threading.Event(), Turns(reads_all, at_once=4, body_seconds=0.5)
    bodies = [Held(come) for _ in range(BIG_COMING)]
    with ThreadPoolExecutor(len(bodies)) as callers:
        answers = [callers.submit(sends, turns, body) for body in bodies]
        assert all(body.asked.wait(PATIENCE_SECONDS) for body in bodies)
        with pytest.raises(Busy):
            sends(turns, Held(come))
        come.set()
        assert [one.result(PATIENCE_SECONDS) for one in answers] == [b"done"] * len(bodies)
    assert sends(turns, Held(come)) == b"done"
