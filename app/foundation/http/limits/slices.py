"""Limits of busy callers, taken in slices: a process asks Valkey once for many calls, and counts those by itself.

A round trip takes as long as a tenth of a sale. Slices are taken before they are used, so all processes together never let
more through than the limit; what other processes haven't used of theirs may be missing from it, a twentieth for each.
However many calls of a caller come at one time, one of them asks for all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from limits import RateLimitItem

from app.foundation.http.limits.windows import TakenCalls, Window, count_calls

PARTS = 20
_MOST = 10_000
_CROWDS = 64


class Slices:
    """What this process has taken and not used. Safe for threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._asking = [threading.Lock() for _ in range(_CROWDS)]
        self._slices: dict[str, tuple[int, float, TakenCalls]] = {}
        """By caller: calls unused, the end of the window, and what was told when it was taken."""

    def take_call(self, item: RateLimitItem, caller: str) -> TakenCalls:
        """Takes one call. Raises redis' RedisError where a slice is needed and Valkey doesn't answer."""
        return self._of_slice(caller) or self._of_a_new_slice(item, caller)

    def _of_slice(self, caller: str) -> TakenCalls | None:
        """A call of what this process has, or what was told where nobody gets more in this window; None: ask."""
        with self._lock:
            known = self._slices.get(caller)
            now = self._clock()
            if known is None or now >= known[1] or not (known[0] or known[2].left == 0):
                return None
            return self._use(caller, known, now)

    def _of_a_new_slice(self, item: RateLimitItem, caller: str) -> TakenCalls:
        with self._asking[hash(caller) % _CROWDS]:
            found = self._of_slice(caller)  # by who asked while we waited
            if found is not None:
                return found
            [taken] = count_calls([(Window(item, (caller,)), max(1, item.amount // PARTS))])
            with self._lock:
                if len(self._slices) >= _MOST:
                    self._slices.clear()
                now = self._clock()
                return self._use(caller, (taken.given, now + taken.resets_ms / 1000, taken), now)

    def _use(self, caller: str, known: tuple[int, float, TakenCalls], now: float) -> TakenCalls:
        unused, ends, taken = known
        given = min(unused, 1)
        self._slices[caller] = (unused - given, ends, taken)
        return taken._replace(given=given, left=taken.left + unused - given, resets_ms=int(1000 * (ends - now)))
