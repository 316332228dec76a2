"""Codes that lead nowhere are counted: 60 bits aren't guessed, and who tries all the same is told to stop."""

from __future__ import annotations

from contextlib import AbstractContextManager

from limits import RateLimitItem, RateLimitItemPerHour

from app.foundation.http.limits.rate_limit import DISTRICT, one_try
from app.foundation.http.limits.windows import Window
from app.foundation.http.routing import Call
from app.foundation.tenancy import Principal

WRONG_CODES = RateLimitItemPerHour(30, namespace="coupon-codes")
WRONG_CODES_OF_DISTRICT = RateLimitItemPerHour(30 * DISTRICT, namespace="coupon-codes")
"""A key of the whole district asks for all of its shops."""


def one_guess_of(principal: Principal) -> AbstractContextManager[None]:
    """One look at what a code leads to; it counts if that is nothing. Mistyped codes are none. Raises RateLimited."""
    return one_try(Window(_limit_of(principal), (principal.id,)))


def one_guess(call: Call) -> AbstractContextManager[None]:
    """The same of a call."""
    return one_guess_of(call.principal)


def _limit_of(principal: Principal) -> RateLimitItem:
    return WRONG_CODES_OF_DISTRICT if principal.is_alliance else WRONG_CODES
