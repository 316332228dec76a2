"""Limits of busy callers, taken in slices: a process asks Valkey once for many calls, and counts those by itself.

A round trip takes as long as a tenth of a sale. Slices are taken before they are used, so all processes together never let
more through than the limit; what other processes haven't used of theirs may be missing from it, a twentieth for each.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from limits import RateLimitItem

from app.foundation.http.windows import Taken, Window, take

PARTS = 20
_MOST = 10_000


class Slices:
    """What this process has taken and not used. Safe for threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._slices: dict[str, tuple[int, float, Taken]] = {}
        """By caller: calls unused, the end of the window, and what was told when it was taken."""

    def take(self, item: RateLimitItem, caller: str) -> Taken:
        """Takes one call. Raises redis' RedisError where a slice is needed and Valkey doesn't answer."""
        with self._lock:
            known = self._slices.get(caller)
            now = self._clock()
            if known is not None and known[0] and now < known[1]:
                return self._use(caller, known, now)
        [taken] = take([(Window(item, (caller,)), max(1, item.amount // PARTS))])
        if not taken.given:
            return taken
        with self._lock:
            return self._use(caller, self._joined(caller, taken), self._clock())

    def _use(self, caller: str, known: tuple[int, float, Taken], now: float) -> Taken:
        unused, ends, taken = known
        self._slices[caller] = (unused - 1, ends, taken)
        return taken._replace(given=1, left=taken.left + unused - 1, resets_ms=int(1000 * (ends - now)))

    def _joined(self, caller: str, taken: Taken) -> tuple[int, float, Taken]:
        """A new slice, with what another thread has taken of the same window meanwhile."""
        now = self._clock()
        if len(self._slices) >= _MOST:
            self._slices.clear()
        unused, ends, _ = self._slices.get(caller, (0, 0.0, taken))
        return (taken.given + (unused if now < ends else 0), now + taken.resets_ms / 1000, taken)
