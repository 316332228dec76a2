"""Limits on naming phones, by a merchant's key and day: room for a busy shop, none for whoever tries lists of numbers.

Counts live in Valkey. While it can't be reached nothing is counted, and tills go on.
"""

from __future__ import annotations

from limits import RateLimitItemPerDay

from app.foundation.http.limits.rate_limit import count_use
from app.foundation.http.limits.windows import Window
from app.foundation.runtime import runtime
from app.foundation.tenancy import Principal


def count_known_phone(principal: Principal) -> dict[str, str]:
    """Counts a phone, named by a merchant's key, of a member whom the merchant didn't know; gives the `RateLimit-*` headers.

    Raises RateLimited.
    """
    most = runtime().settings.known_phones_per_key_per_day
    if not most or principal.merchant_id is None:
        return {}
    return count_use(Window(RateLimitItemPerDay(most, namespace="known-phones"), (principal.id,)))


def count_question(principal: Principal) -> dict[str, str]:
    """Counts a question by phone, whoever's it is, and gives the `RateLimit-*` headers. Raises RateLimited."""
    most = runtime().settings.phone_questions_per_key_per_day
    if not most or principal.merchant_id is None:
        return {}
    return count_use(Window(RateLimitItemPerDay(most, namespace="phone-questions"), (principal.id,)))
