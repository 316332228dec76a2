"""Limits, counted in Valkey so that all processes count together. The one on calls per key is off by default."""

from __future__ import annotations

import time
from functools import lru_cache

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

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
        raise refusal(f"At most {per_second} calls a second.", headers)
    return headers


def headers_of(item: RateLimitItem, *counted: str) -> dict[str, str]:
    """The `RateLimit-*` headers: how much is allowed and left, and in how many seconds it begins anew."""
    window = limiter().get_window_stats(item, *counted)
    return {
        "RateLimit-Limit": str(item.amount),
        "RateLimit-Remaining": str(max(0, window.remaining)),
        "RateLimit-Reset": str(max(1, round(window.reset_time - time.time()))),
    }


def refusal(detail: str, headers: dict[str, str]) -> RateLimited:
    """The refusal that says when to come again."""
    return RateLimited(detail, headers={**headers, "Retry-After": headers["RateLimit-Reset"]})
