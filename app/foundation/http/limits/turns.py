"""A caller who is slow stops nobody: whoever waits for a body holds no turn at work, and not for ever.

The web server has a thread for every connection (`Procfile`), and a thread that waits costs next to nothing. Turns are
what is scarce: a request gives its own back while its body is still under way, and takes the next free one when it is
there. A body that takes too long ends with its connection (see `overdue`). One that nobody wants is read and dropped
after the answer has been sent: who still sends it when the line is closed may lose the answer (RFC 9112, 9.6).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from flask import Flask

from app.foundation.http.limits.overdue import Overdue
from app.foundation.problems import Busy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
MOST_DROPPED = 16 << 20
BIG = 1 << 20
BIG_AT_ONCE, BIG_COMING = 2, 32
"""A body of 8 MiB may be 300 MiB of values: so many of a process that are bigger than BIG are worked on at once, and so
many are kept while they come. What is more waits in the caller."""
_PIECE = 1 << 16


def take_turns(app: Flask, at_once: int, body_seconds: float) -> None:
    """Lets so many requests of this process be at work at once, and gives a body so many seconds to come."""
    app.wsgi_app = Turns(app.wsgi_app, at_once=at_once, body_seconds=body_seconds)  # type: ignore[method-assign]


class Turns:
    """A WSGI application of which some requests are at work at once, the others waiting for a turn or for their body."""

    def __init__(self, application: WSGIApplication, *, at_once: int, body_seconds: float) -> None:
        self._application = application
        self._places = _Places(at_once)
        self._overdue = Overdue(body_seconds)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        in_chunks = "HTTP_TRANSFER_ENCODING" in environ
        turns = self._places.turns
        if length == "0" and not in_chunks:
            turn = turns.get()
            try:
                return self._application(environ, start_response)
            finally:
                turns.put(turn)
        body = _Awaited(environ, self._places, self._overdue, None if in_chunks else int(length))
        environ["wsgi.input"] = body
        turn = turns.get()
        try:
            answer = self._application(environ, start_response)
        finally:
            turns.put(turn)
            body.give_back()
        return answer if body.has_ended() else _lingering(answer, body)


def _lingering(answer: Iterable[bytes], body: _Awaited) -> Iterator[bytes]:
    """An answer, and what is still to come of the body that it refuses: left alone, it would reset the line under both."""
    try:
        yield from answer
        body.drain()
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()


class _Places:
    """What is scarce in a process."""

    def __init__(self, at_once: int) -> None:
        self.turns: SimpleQueue[None] = SimpleQueue()  # written in C, as semaphores are not
        for _ in range(at_once):
            self.turns.put(None)
        self.big_coming = threading.BoundedSemaphore(BIG_COMING)
        self.big_at_work = threading.BoundedSemaphore(BIG_AT_ONCE)


class _Awaited:
    """A body that is waited for without a turn."""

    def __init__(self, environ: WSGIEnvironment, places: _Places, overdue: Overdue, length: int | None) -> None:
        self._body: Any = environ["wsgi.input"]
        self._port = int(environ["SERVER_PORT"])
        self._places, self._overdue, self._left = places, overdue, length
        self._since: float | None = None
        self._come = 0
        self._taken: list[threading.BoundedSemaphore] = []
        self._is_big = self._is_over = False

    def read(self, *size: int) -> bytes:
        """What has come, at most `size` bytes of it. Raises Busy for a big one that finds no place in its time."""
        if self.has_ended():
            return b""
        self._places.turns.put(None)
        try:
            if self._come >= BIG and not self._is_big:
                self._take(self._places.big_coming)
                self._is_big = True
            data = self._read(*size)
            if self.has_ended() and self._is_big:
                self._take(self._places.big_at_work)
            return data
        finally:
            self._places.turns.get()

    def has_ended(self) -> bool:
        """Whether all of it has been read."""
        return self._is_over

    def _take(self, place: threading.BoundedSemaphore) -> None:
        if not place.acquire(timeout=self._overdue.seconds):
            raise Busy(headers={"Retry-After": "1"})
        self._taken.append(place)

    def give_back(self) -> None:
        """Gives back the places that it has taken for being big."""
        for place in self._taken:
            place.release()

    def drain(self) -> None:
        """Reads and drops the rest, if that isn't too much. Call it without a turn."""
        for _ in range(MOST_DROPPED // _PIECE):
            if self.has_ended():
                break
            self._read(_PIECE)

    def _read(self, *size: int) -> bytes:
        self._since = self._overdue.begin_wait(self._port, self._since)
        try:
            data = bytes(self._body.read(*size))
        except OSError:
            self._is_over = True  # whoever sent it is gone
            raise
        finally:
            self._overdue.end_wait()
        self._come += len(data)
        if self._left is not None:
            self._left -= len(data)
        self._is_over = not data or self._left == 0
        return data
