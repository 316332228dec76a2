"""When points become available and when they end, as pure functions of local days (domain.md, "Lots")."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.foundation.clock import end_of_day, start_of_day


def available_at(day: date, pending_days: int, zone: ZoneInfo) -> datetime:
    """The start (UTC) of the local day of the sale plus `pending_days`."""
    return start_of_day(day + timedelta(days=pending_days), zone)


def expires_at(day: date, expiry: Mapping[str, Any], zone: ZoneInfo) -> datetime | None:
    """The end (UTC, exclusive) of the last local day of points earned on a local day; None for never."""
    match expiry["policy"]:
        case "months":
            return end_of_day(add_months(day, expiry["months"]), zone)
        case "year_end":
            return end_of_day(add_months(date(day.year, 12, 31), expiry["grace_months"]), zone)
        case _:
            return None


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
