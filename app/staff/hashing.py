"""Passwords and PINs as argon2id keeps them (RFC 9106), one at a time in a process.

Each costs some 30 ms of a core and 19 MiB, and people sign in by the hundred. So passwords wait in a line of their own, which
is short, and a process of low priority works on so many a second: fifty who sign in together don't stop the sales. PINs, of
which few come and for which cashiers wait, have another line.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.foundation.problems import Busy
from app.staff.hashing_hand import Hand, NoHand, Worker

WAITING = 11
PATIENCE_SECONDS = 5.0
_SOON = {"Retry-After": "2"}


class WaitingLine:
    """Those who wait for one worker, in one process; who finds it full, or waits too long, is told to come again."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._places = threading.BoundedSemaphore(1 + WAITING)
        self._turn = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[Worker]:
        """Lends the worker when it is one's turn: what costs something beside it is done inside, too. Raises Busy."""
        if not self._places.acquire(blocking=False):
            raise Busy(headers=_SOON)
        try:
            if not self._turn.acquire(timeout=PATIENCE_SECONDS):
                raise Busy(headers=_SOON)
            try:
                yield self._worker
            except NoHand as error:
                raise Busy(headers=_SOON) from error
            finally:
                self._turn.release()
        finally:
            self._places.release()

    def hash(self, secret: str) -> str:
        """What may be kept of a secret, in turn. Raises Busy."""
        with self.turn() as worker:
            return worker.hash(secret)

    def is_right(self, kept: str, secret: str) -> bool:
        """Whether a secret is the one that was kept, in turn. Raises Busy."""
        with self.turn() as worker:
            return worker.is_right(kept, secret)


PASSWORDS, PINS = WaitingLine(Hand()), WaitingLine(Worker())
