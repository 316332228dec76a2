"""Those who call with keys and tokens that open nothing: counted by network, and refused unheard where they are too many.

A shop shares its network with whoever sits in its wifi: a key that was good here before is let through all the same.
"""

from __future__ import annotations

import time

from limits import RateLimitItemPerMinute
from redis import RedisError

from app.foundation.http.limits.callers import network_print
from app.foundation.http.limits.rate_limit import refusal
from app.foundation.http.limits.windows import TakenCalls, Window, count_calls
from app.foundation.i18n import words as _l
from app.foundation.runtime import runtime

_MOST = 10_000
_KNOWN: set[int] = set()
"""What opened something in this process; by hashes that mean nothing elsewhere."""
_STOPPED: dict[str, tuple[float, TakenCalls]] = {}
"""Networks that had too many tries, and until when (monotonic)."""


def check(secret: str) -> None:
    """Raises RateLimited for a secret that isn't known here, from a network that had too many."""
    if not _STOPPED or hash(secret) in _KNOWN:
        return
    network = network_print()
    stopped = _STOPPED.get(network)
    if stopped is None:
        return
    if stopped[0] > time.monotonic():
        raise _refusal(stopped)
    _STOPPED.pop(network, None)


def came_in(secret: str) -> None:
    """Remembers what has opened something."""
    if len(_KNOWN) >= _MOST:
        _KNOWN.clear()
    _KNOWN.add(hash(secret))


def turned_away(secret: str) -> None:
    """Counts what has opened nothing. Raises RateLimited where that was one too many."""
    _KNOWN.discard(hash(secret))
    most = runtime().settings.wrong_keys_per_address_per_minute
    if not most:
        return
    network = network_print()
    try:
        [taken] = count_calls([(Window(RateLimitItemPerMinute(most, namespace="wrong-keys"), (network,)), 1)])
    except RedisError:
        return
    if not taken.given:
        if len(_STOPPED) >= _MOST:
            _STOPPED.clear()
        _STOPPED[network] = stopped = (time.monotonic() + taken.resets_ms / 1000, taken)
        raise _refusal(stopped)


def _refusal(stopped: tuple[float, TakenCalls]) -> Exception:
    until, taken = stopped
    left = taken._replace(resets_ms=max(0, int(1000 * (until - time.monotonic()))))
    return refusal(_l("Too many calls with keys that open nothing: wait a while."), left.headers())
