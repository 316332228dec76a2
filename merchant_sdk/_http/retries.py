"""When to call again, and after how long. Pure: the draw and the clock come from outside.

Full jitter: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. Retry-After: RFC 9110, 10.2.3.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from merchant_sdk._http.errors import ApiError, ConnectionFailed, QuantongError

FIRST_SECONDS = 0.5
MOST_SECONDS = 8.0
MOST_ASKED_SECONDS = 60.0
MOST_RETRIES = 10
RETRIED_STATUSES = frozenset({429, 502, 503, 504})


def is_worth_retrying(error: QuantongError) -> bool:
    """Whether the same call may well succeed in a moment; a limit that is over in an hour is told at once."""
    if isinstance(error, ApiError):
        if error.status == 429 and (error.retry_after_seconds or 0) > MOST_ASKED_SECONDS:
            return False
        return error.status in RETRIED_STATUSES or error.code == "idempotency-key-in-use"
    return isinstance(error, ConnectionFailed)


def delay_seconds(attempt: int, asked_seconds: float | None, draw: float) -> float:
    """The pause after a failed attempt (the first is 0), for a random `draw` from 0 to 1.

    What the server asked for, up to MOST_ASKED_SECONDS, and a jitter on top: tills shan't come back together.
    """
    jitter: float = draw * min(MOST_SECONDS, FIRST_SECONDS * 2.0**attempt)
    return min(asked_seconds or 0.0, MOST_ASKED_SECONDS) + jitter


def parse_retry_after(text: str | None, now: datetime) -> float | None:
    """The seconds of a Retry-After header, a number or an HTTP date; None for none and for nonsense."""
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,10}", text.strip()):
        return float(text)
    try:
        until = parsedate_to_datetime(text)
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
