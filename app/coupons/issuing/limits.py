"""How many coupons a campaign may still give: pure functions over what is counted in slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.coupons.campaigns.rules import Terms, largest_discount
from app.foundation.clock import start_of_day


class Limits(NamedTuple):
    """What limits a campaign's issuing; None for no limit. `set_aside`: minor units of the budget for each coupon.

    `per_day_stock` opens at `release_times` of a local day, in order; at its start without them.
    """

    stock: int | None
    budget: int | None
    set_aside: int
    per_day_stock: int | None
    release_times: tuple[time, ...] = ()

    @property
    def bounds_all(self) -> bool:
        """Whether there is an end to what is issued."""
        return self.stock is not None or self.budget is not None


@dataclass(slots=True)
class Slice:
    """A part of what is counted of a campaign: see `campaigns.models.CampaignSlice`."""

    number: int
    issued: int
    set_aside: int
    discount_given: int
    expired: int
    allotted: int
    day: date
    claimed: int
    day_allotted: int


class Left(NamedTuple):
    """What may still be issued: under stock and budget, and of that what may be claimed today; None for no limit."""

    in_all: int | None
    today: int | None

    def has(self, count: int, *, claimed: bool = True) -> bool:
        """Whether so many more may be issued now: what isn't claimed has no limit a day."""
        is_open = not claimed or self.today is None or self.today >= count
        return is_open and (self.in_all is None or self.in_all >= count)

    def without(self, count: int, *, claimed: bool) -> Left:
        """What is left once so many more are issued."""
        in_all = None if self.in_all is None else self.in_all - count
        return Left(in_all, None if self.today is None else self.today - count * claimed)


def limits_of(terms: Terms) -> Limits:
    """The limits of a campaign's terms."""
    times = tuple(time.fromisoformat(one) for one in terms["release_times"])
    each = 0 if terms["budget"] is None else largest_discount(terms)
    return Limits(terms["stock"], terms["budget"], each, terms["per_day_stock"], times)


def opened(limits: Limits, clock: time) -> int | None:
    """Of the stock of a local day, what may be claimed up to a time of it; releases share it evenly, the rest to the first."""
    if limits.per_day_stock is None or not limits.release_times:
        return limits.per_day_stock
    share, rest = divmod(limits.per_day_stock, len(limits.release_times))
    return sum(share + (place < rest) for place, at in enumerate(limits.release_times) if at <= clock)


def left(limits: Limits, slices: Sequence[Slice], today: date, clock: time, returning: int = 0) -> Left:
    """What is left, with `returning` minor units that expired coupons give back to the budget."""
    counts = []
    if limits.stock is not None:
        counts.append(limits.stock - sum(one.issued for one in slices))
    if limits.budget is not None:
        used = sum(one.set_aside + one.discount_given for one in slices) - returning
        counts.append((limits.budget - used) // limits.set_aside)
    open_today = opened(limits, clock)
    if open_today is not None:
        open_today -= sum(one.claimed for one in slices if one.day == today)
    return Left(min(counts) if counts else None, open_today)


def has_some(one: Slice, limits: Limits, today: date) -> bool:
    """Whether one more may be claimed from a slice."""
    is_open = limits.per_day_stock is None or (one.day == today and one.day_allotted > 0)
    return is_open and (not limits.bounds_all or one.allotted > 0)


def deal_out(slices: Sequence[Slice], remaining: Left, today: date) -> None:
    """Deals out what is left to all slices, evenly."""
    for place, one in enumerate(slices):
        one.allotted = _share(remaining.in_all, place, len(slices))
        one.claimed = one.claimed if one.day == today else 0
        one.day, one.day_allotted = today, _share(remaining.today, place, len(slices))


def take(one: Slice, limits: Limits, *, claimed: bool) -> None:
    """Counts one coupon in a slice that has all that it takes."""
    add(one, limits, 1, claimed=claimed)
    one.allotted = max(0, one.allotted - 1)
    if claimed:
        one.day_allotted = max(0, one.day_allotted - 1)


def add(one: Slice, limits: Limits, count: int, *, claimed: bool) -> None:
    """Counts coupons in a slice, whatever was dealt out to it."""
    one.issued += count
    one.set_aside += count * limits.set_aside
    if claimed:
        one.claimed += count


def _share(total: int | None, place: int, parts: int) -> int:
    share, rest = divmod(max(0, total or 0), parts)
    return share + (place < rest)


def opens_at(limits: Limits, today: date, clock: time, zone: ZoneInfo) -> datetime | None:
    """When more of the stock a day can be claimed, if that is all that is missing; None without one."""
    if limits.per_day_stock is None:
        return None
    for at in limits.release_times:
        if at > clock and (opened(limits, at) or 0) > (opened(limits, clock) or 0):
            return datetime.combine(today, at, zone).astimezone(UTC)
    tomorrow = today + timedelta(days=1)
    if not limits.release_times:
        return start_of_day(tomorrow, zone)
    return datetime.combine(tomorrow, limits.release_times[0], zone).astimezone(UTC)
