"""Conditions of two rules compared: may a sale meet both, does one hold wherever the other does.

Nothing is claimed that isn't certain: what can't be told is "it may", or "not wherever".
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app.foundation.figures.time_windows import TimeWindow
from app.points.earning.conditions import Conditions

_OF_SHOP = ("merchant_ids", "store_ids", "categories", "channels", "payment_methods", "tier_ids")
_SETS = (*_OF_SHOP, "tags")
_AMOUNTS, _DATES = ("min_amount", "max_amount"), ("date_from", "date_to")
_DAYS_OF_WEEK = 7


def may_meet(one: Conditions, other: Conditions) -> bool:
    """Whether a sale might meet both; False only where that is certain not to be."""
    for name in _OF_SHOP:
        first, second = getattr(one, name), getattr(other, name)
        if first and second and first.isdisjoint(second):
            return False
    if _are_apart(one, other, *_AMOUNTS) or _firsts_are_apart(one, other) or _firsts_are_apart(other, one):
        return False
    if one.time_windows and other.time_windows and not _windows_meet(one, other):
        return False
    return not _look_at_one_day(one, other) or not _days_are_apart(one, other)


def covers(one: Conditions, other: Conditions) -> bool:
    """Whether every sale that meets the other meets this one; True only where that is certain."""
    for name in _SETS:
        allowed, wanted = getattr(one, name), getattr(other, name)
        if allowed and not (wanted and wanted <= allowed):
            return False
    if not _includes(one, other, *_AMOUNTS) or not _first_follows(one, other):
        return False
    if one.time_windows and one.time_windows != other.time_windows:
        return False
    return not one.look_at_days or (_look_at_one_day(one, other) and _days_follow(one, other))


def is_contradiction(conditions: Conditions) -> str | None:
    """The field whose condition can't hold beside the others; None if a sale may meet them all."""
    if conditions.first_in_district and conditions.first_at_merchant is False:
        return "first_at_merchant"
    if conditions.max_amount == 0:
        return "max_amount"
    if conditions.weekdays and conditions.date_from and conditions.date_to:
        days = min((conditions.date_to - conditions.date_from).days + 1, _DAYS_OF_WEEK)
        found = {(conditions.date_from + timedelta(days=n)).isoweekday() for n in range(days)}
        if found.isdisjoint(conditions.weekdays):
            return "weekdays"
    return None


def _are_apart(one: Conditions, other: Conditions, low: str, high: str) -> bool:
    """Whether one range ends before the other begins."""
    for first, second in ((one, other), (other, one)):
        start, end = getattr(first, low), getattr(second, high)
        if start is not None and end is not None and start > end:
            return True
    return False


def _includes(one: Conditions, other: Conditions, low: str, high: str) -> bool:
    """Whether one range holds the whole other."""
    start, end = getattr(one, low), getattr(one, high)
    inner_start, inner_end = getattr(other, low), getattr(other, high)
    return (start is None or (inner_start is not None and inner_start >= start)) and (
        end is None or (inner_end is not None and inner_end <= end)
    )


def _firsts_are_apart(one: Conditions, other: Conditions) -> bool:
    """Whoever buys in the district for the first time does so at the merchant, too."""
    return (
        (one.first_in_district is True and other.first_in_district is False)
        or (one.first_at_merchant is True and other.first_at_merchant is False)
        or (one.first_in_district is True and other.first_at_merchant is False)
    )


def _first_follows(one: Conditions, other: Conditions) -> bool:
    in_district = one.first_in_district in (None, other.first_in_district) or (
        one.first_in_district is False and other.first_at_merchant is False
    )
    at_merchant = one.first_at_merchant in (None, other.first_at_merchant) or (
        one.first_at_merchant is True and other.first_in_district is True
    )
    return in_district and at_merchant


def _look_at_one_day(one: Conditions, other: Conditions) -> bool:
    """Whether both take a sale for one of the same day: a window over midnight takes it for the day before."""
    return one.time_windows == other.time_windows or not any(
        map(_crosses_midnight, (*one.time_windows, *other.time_windows))
    )


def _days_are_apart(one: Conditions, other: Conditions) -> bool:
    if one.weekdays and other.weekdays and one.weekdays.isdisjoint(other.weekdays):
        return True
    return _are_apart(one, other, *_DATES)


def _days_follow(one: Conditions, other: Conditions) -> bool:
    if one.weekdays and not (other.weekdays and other.weekdays <= one.weekdays):
        return False
    if one.birthday is not None and other.birthday not in (one.birthday, "day"):
        return False
    return _includes(one, other, *_DATES)


def _crosses_midnight(window: TimeWindow) -> bool:
    return window.start >= window.until


def _windows_meet(one: Conditions, other: Conditions) -> bool:
    return any(_overlap(first, second) for first in one.time_windows for second in other.time_windows)


def _overlap(one: TimeWindow, other: TimeWindow) -> bool:
    """Two daily windows share a moment where one holds the start of the other."""
    return any(
        first.day_of(datetime.combine(date.min + timedelta(days=1), second.start)) is not None
        for first, second in ((one, other), (other, one))
    )
