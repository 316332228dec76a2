"""Limits, counted in Valkey so that all processes count together. The one on calls per key is off by default."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import lru_cache

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from redis import RedisError

from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.foundation.problems import RateLimited
from app.foundation.runtime import runtime
from app.foundation.tenancy import Principal


def limiter() -> FixedWindowRateLimiter:
    """Counts in windows of fixed length that begin with what is counted first. May raise redis' RedisError."""
    return _limiter(runtime().settings.redis_url)


@lru_cache(maxsize=4)
def _limiter(redis_url: str) -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(storage_from_string(redis_url.replace("unix://", "redis+unix://", 1)))


def check(principal: Principal) -> dict[str, str]:
    """Counts a call and gives the `RateLimit-*` headers; none where the limit is off. Raises RateLimited."""
    per_second = runtime().settings.rate_limit_per_second
    if not per_second:
        return {}
    item = RateLimitItemPerSecond(per_second)
    allowed = limiter().hit(item, principal.id)
    headers = headers_of(item, principal.id)
    if not allowed:
        raise refusal(_l("At most %(per_second)s calls a second.", per_second=per_second), headers)
    return headers


def count_wrong(item: RateLimitItem, *counted: str) -> None:
    """Counts a wrong guess, if Valkey can be reached."""
    with suppress(RedisError):
        limiter().hit(item, *counted)


def check_guesses(item: RateLimitItem, *counted: str) -> None:
    """Raises RateLimited where there were too many wrong guesses already. While Valkey is away, nothing is limited."""
    try:
        if not limiter().test(item, *counted):
            raise refusal(_l("Too many wrong guesses."), headers_of(item, *counted))
    except RedisError:
        return


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
