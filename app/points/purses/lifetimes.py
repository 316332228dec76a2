"""When points become available, when they end and when that is announced: pure functions of local days."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.foundation.clock import end_of_day, start_of_day

NOTICE_DAYS = (1, 7, 30)
RESTORED_DAYS = 30
"""Spent points that come back can be used for so many more local days at least."""
"""How many local days before their last day points are announced."""


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


def restored_until(now: datetime, zone: ZoneInfo) -> datetime:
    """No sooner than this (UTC) end spent points that are given back now, where they end at all."""
    return end_of_day(now.astimezone(zone).date() + timedelta(days=RESTORED_DAYS), zone)


def last_day(expires_at: datetime, zone: ZoneInfo) -> date:
    """The last local day of points that end at an instant."""
    return (expires_at - timedelta(microseconds=1)).astimezone(zone).date()


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def notice_stage(days_left: int) -> int | None:
    """Which of NOTICE_DAYS announces points whose last day is `days_left` days ahead; None if it is too far, or past.

    The smallest that is no less than what is left: a stage that was missed is caught up until the next one comes.
    """
    return next((stage for stage in NOTICE_DAYS if 0 <= days_left <= stage), None)


def due_notices(today: date) -> list[tuple[date, int]]:
    """Last days of points, the nearest first, with the stage at which each has to be announced by a local day."""
    days = [(today + timedelta(days=left), notice_stage(left)) for left in range(max(NOTICE_DAYS) + 1)]
    return [(day, stage) for day, stage in days if stage is not None]
