"""Tries at the secrets of receipts: they have 128 bits and aren't guessed; who tries all the same is told to stop."""

from __future__ import annotations

from contextlib import AbstractContextManager

from limits import RateLimitItemPerHour

from app.foundation.http.limits.rate_limit import one_try
from app.foundation.http.limits.windows import Window

WRONG_SECRETS = RateLimitItemPerHour(20, namespace="claim-secrets")


def one_secret(caller: str) -> AbstractContextManager[None]:
    """Around a look-up by secret: what finds nothing counts against a caller. Raises RateLimited."""
    return one_try(Window(WRONG_SECRETS, (caller,)))
