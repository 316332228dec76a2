"""Where batches of a district get in each other's way they take turns in a process, from reading their JSON to writing it.

One interpreter does one after the other. Several at once take it from each other every millisecond, and so from the one
that holds locks in the database, for which all others wait. Where they don't wait for locks they don't take turns: while
one waits for the database, another one has the interpreter.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from time import monotonic

LASTS_SECONDS = 3600.0
"""So long a district's batches take turns after one that met others: few members don't soon become many."""


class _Line:
    """A district's turn in this process. `needed_until`: by the clock that only goes forward."""

    __slots__ = ("needed_until", "turn")

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.needed_until = 0.0


_mine = threading.local()


@lru_cache(maxsize=4096)
def _line_of(district_id: str) -> _Line:
    return _Line()


def take_turns(district_id: str) -> None:
    """Lets the batches of a district that come now take turns, for a while."""
    _line_of(district_id).needed_until = monotonic() + LASTS_SECONDS


@contextmanager
def in_turn(district_id: str) -> Iterator[None]:
    """What is done inside is done in turn, if need be. Have the body read before: nobody waits for another's caller."""
    line = _line_of(district_id)
    if monotonic() > line.needed_until:
        yield
        return
    with line.turn:
        _mine.turn = line.turn
        try:
            yield
        finally:
            _mine.turn = None


@contextmanager
def stepping_aside() -> Iterator[None]:
    """Lets the next one go ahead meanwhile, if it is this thread's turn: for what waits for others."""
    turn: threading.Lock | None = getattr(_mine, "turn", None)
    if turn is None:
        yield
        return
    turn.release()
    try:
        yield
    finally:
        turn.acquire()
