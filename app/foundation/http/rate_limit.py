"""A limit on calls per key and second, in Valkey, so that all processes count together. Off by default."""

from __future__ import annotations

import time
from functools import lru_cache

from limits import RateLimitItemPerSecond
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from app.foundation.problems import RateLimited
from app.foundation.runtime import runtime
from app.foundation.tenancy import Principal


@lru_cache(maxsize=4)
def _limiter(redis_url: str) -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(storage_from_string(redis_url.replace("unix://", "redis+unix://", 1)))


def check(principal: Principal) -> dict[str, str]:
    """Counts a call and gives the `RateLimit-*` headers; none where the limit is off. Raises RateLimited."""
    per_second = runtime().settings.rate_limit_per_second
    if not per_second:
        return {}
    item = RateLimitItemPerSecond(per_second)
    limiter = _limiter(runtime().settings.redis_url)
    allowed = limiter.hit(item, principal.id)
    window = limiter.get_window_stats(item, principal.id)
    reset = max(1, round(window.reset_time - time.time()))
    headers = {
        "RateLimit-Limit": str(per_second),
        "RateLimit-Remaining": str(max(0, window.remaining)),
        "RateLimit-Reset": str(reset),
    }
    if not allowed:
        raise RateLimited(f"At most {per_second} calls a second.", headers={**headers, "Retry-After": str(reset)})
    return headers
