"""From when until when a coupon is usable. Pure; instants UTC and half open, days local."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.foundation.clock import end_of_day, start_of_day

DAYS_AFTER_RETURN = 7


class Span(NamedTuple):
    """Usable from an instant until before another (UTC)."""

    usable_from: datetime
    expires_at: datetime


def span_of(validity: Mapping[str, Any], issued_at: datetime, zone: ZoneInfo) -> Span:
    """The span of a coupon that is issued at an instant, in the district's zone; never usable before its issue.

    `validity` is `{"from", "to"}`, or `{"days_after_issue", "wait_days"}` in local days: from the start of the day so many
    after the issue (0: at once) to the end of the day so many after that.
    """
    if "to" in validity:
        start, end = (datetime.fromisoformat(validity[name]) for name in ("from", "to"))
        return Span(max(start, issued_at), end)
    first = issued_at.astimezone(zone).date() + timedelta(days=validity["wait_days"])
    last = first + timedelta(days=validity["days_after_issue"])
    return Span(max(start_of_day(first, zone), issued_at), end_of_day(last, zone))


def end_after_return(expires_at: datetime, returned_at: datetime, zone: ZoneInfo, *, is_first: bool) -> datetime:
    """When a coupon ends that is given back: not before the end of the 7th local day after, once; then it keeps its end."""
    last = returned_at.astimezone(zone).date() + timedelta(days=DAYS_AFTER_RETURN)
    return max(expires_at, end_of_day(last, zone)) if is_first else expires_at
