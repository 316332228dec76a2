"""Passwords and PINs as argon2id keeps them (RFC 9106), a few at a time.

Each costs some 30 ms of a core and 19 MiB. Few of a process are worked on at once, a few more wait, and who comes then is
told to come again: fifty who sign in together don't stop the sales.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.foundation.problems import Busy

AT_ONCE, WAITING = 1, 3
PATIENCE_SECONDS = 2.0
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_places = threading.BoundedSemaphore(AT_ONCE + WAITING)
_turns = threading.BoundedSemaphore(AT_ONCE)
_SOON = {"Retry-After": "1"}


def hash_secret(secret: str) -> str:
    """What may be kept of a password or PIN. Raises Busy."""
    with _turn():
        return _HASHER.hash(secret)


def is_right(kept: str, secret: str) -> bool:
    """Whether a password or PIN is the one that was kept. Raises Busy."""
    with _turn():
        try:
            return _HASHER.verify(kept, secret)
        except (VerificationError, InvalidHashError):
            return False


@contextmanager
def _turn() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise Busy(headers=_SOON)
    try:
        if not _turns.acquire(timeout=PATIENCE_SECONDS):
            raise Busy(headers=_SOON)
        try:
            yield
        finally:
            _turns.release()
    finally:
        _places.release()
