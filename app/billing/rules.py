"""What a subscription comes to, as pure functions. Nobody is stopped in mid-trade: what ends is the console's writing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

BillingStatus = Literal["beginning", "trialing", "active", "past_due", "limited", "ended"]
STATUSES: tuple[BillingStatus, ...] = ("beginning", "trialing", "active", "past_due", "limited", "ended")
READ_ONLY: tuple[BillingStatus, ...] = ("limited", "ended")
"""In these the console only shows. Tills, programs, shoppers and this room's own page go on."""
RETRY_DAYS = (3, 5, 7)
"""How long after a failure an invoice is tried again: the first time, the second, the third."""
METER = "quantong_sales"
OLDEST_DAYS = 34
"""The provider takes usage of 35 days; the day's end may be hours away from now."""
SETTLED = timedelta(hours=1)
"""How long after its end a day is counted: whatever was being recorded then is there."""


def status_of(told: str, retries: int) -> BillingStatus:
    """What a subscription is, from what the provider calls it and how often an invoice was tried again in vain."""
    match told:
        case "trialing" | "active":
            return told
        case "past_due" | "incomplete" if retries <= len(RETRY_DAYS):
            return "past_due"
        case "past_due" | "incomplete" | "unpaid" | "paused":
            return "limited"
        case _:
            return "ended"


def next_retry(retries: int, now: datetime) -> datetime | None:
    """When an invoice is tried again that was tried again so often; None once that is over."""
    return now + timedelta(days=RETRY_DAYS[retries]) if retries < len(RETRY_DAYS) else None


def days_to_report(begun_at: datetime, now: datetime, zone: ZoneInfo) -> Iterator[date]:
    """The local days whose usage may be told: those that are over, and not too old."""
    last = (now - SETTLED).astimezone(zone).date() - timedelta(days=1)
    first = max(begun_at.astimezone(zone).date(), last - timedelta(days=OLDEST_DAYS - 1))
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def span_of(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a local day begins and ends."""
    start, end = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


def identifier_of(district_id: str, day: date) -> str:
    """Under which a day's usage counts once."""
    return f"{district_id}:{day.isoformat()}"
