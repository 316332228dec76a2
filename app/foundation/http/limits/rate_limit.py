"""Limits: on calls per key, and on tries at what could be guessed. While Valkey is away nothing is limited but by `limiter`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis import RedisError

from app.foundation.http.limits.slices import Slices
from app.foundation.http.limits.windows import Window, count_calls, give_calls_back
from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound, RateLimited
from app.foundation.runtime import runtime
from app.foundation.tenancy import Principal
from app.foundation.valkey import Valkey

DISTRICT = 10
"""A key of a whole district stands for all of its shops: it may make so many times the calls of any other."""


class _Storage(RedisStorage):
    """Asks Valkey as everybody does: soon answered, or not asked."""

    def __init__(self, uri: str, valkey: Valkey) -> None:
        super().__init__(uri, connection_pool=valkey.client.connection_pool)
        self._valkey = valkey

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        with self._valkey.asked():
            return int(super().incr(key, expiry, amount))

    def get(self, key: str) -> int:
        with self._valkey.asked():
            return int(super().get(key))

    def get_expiry(self, key: str) -> float:
        with self._valkey.asked():
            return float(super().get_expiry(key))


def limiter() -> FixedWindowRateLimiter:
    """Counts in windows of fixed length that begin with what is counted first. May raise redis' RedisError."""
    return _limiter(runtime().settings.redis_url, runtime().valkey)


@lru_cache(maxsize=4)
def _limiter(redis_url: str, valkey: Valkey) -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(_Storage(redis_url.replace("unix://", "redis+unix://", 1), valkey))


def check(principal: Principal) -> dict[str, str]:
    """Counts a call and gives the `RateLimit-*` headers; none where the limit is off. Raises RateLimited."""
    per_second = runtime().settings.rate_limit_per_second
    if not per_second:
        return {}
    most = per_second * DISTRICT if principal.is_alliance else per_second
    try:
        taken = _slices(runtime().valkey).take_call(_per_second(most), principal.id)
    except RedisError:
        return {}
    if not taken.given:
        raise refusal(_l("At most %(most)s calls a second.", most=most), taken.headers())
    return taken.headers()


@lru_cache(maxsize=4)
def _per_second(calls: int) -> RateLimitItem:
    return RateLimitItemPerSecond(calls)


@lru_cache(maxsize=4)
def _slices(valkey: Valkey) -> Slices:
    return Slices()


def count_use(window: Window, detail: Words | None = None) -> dict[str, str]:
    """Takes one of what is limited, a day unless the `detail` of its refusal says otherwise, and gives the `RateLimit-*`
    headers. While Valkey is away, nothing is limited.

    Raises RateLimited.
    """
    try:
        [taken] = count_calls([(window, 1)])
    except RedisError:
        return {}
    if not taken.given:
        a_day = _l("At most %(amount)s of these a day.", amount=window.item.amount)
        raise refusal(detail or a_day, taken.headers())
    return taken.headers()


@contextmanager
def one_try(window: Window) -> Iterator[None]:
    """Takes a try before it is made, and gives it back unless nothing is found by it. Raises RateLimited."""
    try:
        [taken] = count_calls([(window, 1)])
    except RedisError:
        yield
        return
    if not taken.given:
        raise refusal(_l("Too many wrong guesses."), taken.headers())
    try:
        yield
    except NotFound:
        raise
    except BaseException:
        _undo(window)
        raise
    _undo(window)


def _undo(window: Window) -> None:
    with suppress(RedisError):
        give_calls_back({window.key: 1})


def headers_of(item: RateLimitItem, *counted: str) -> dict[str, str]:
    """The `RateLimit-*` headers: how much is allowed and left, and in how many seconds it begins anew."""
    window = limiter().get_window_stats(item, *counted)
    return {
        "RateLimit-Limit": str(item.amount),
        "RateLimit-Remaining": str(max(0, window.remaining)),
        "RateLimit-Reset": str(max(1, round(window.reset_time - time.time()))),
    }


def refusal(detail: Words, headers: dict[str, str]) -> RateLimited:
    """The refusal that says when to come again."""
    return RateLimited(detail, headers={**headers, "Retry-After": headers["RateLimit-Reset"]})
