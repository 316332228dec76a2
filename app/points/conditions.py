"""What must hold of a sale for a rule to count, as pure functions. Each refusal is a stable code (`words.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Literal, NamedTuple

Birthday = Literal["day", "month"]


class Room(NamedTuple):
    """What a rule may give at most, in whole points, and the code to tell where that is nothing."""

    points: int
    code: str


NO_LIMITS: Mapping[str, Room] = MappingProxyType({})


class SaleFacts(NamedTuple):
    """What rules look at. `occurred_at` in any zone; `eligible_amount` in minor units, a fraction after a refund.

    `birthday` tells of the local day of the sale (`day`, `month`) and of the day before (`day-before`, `month-before`)
    what the member celebrates then. `room` is what is left under a rule's caps; a key that is absent has no limit.
    """

    eligible_amount: int | Fraction
    occurred_at: datetime
    merchant_id: str
    store_id: str
    category: str | None = None
    channel: str | None = None
    payment_method: str | None = None
    tier_id: str | None = None
    tags: frozenset[str] = frozenset()
    first_in_district: bool = False
    first_at_merchant: bool = False
    birthday: frozenset[str] = frozenset()
    room: Mapping[str, Room] = NO_LIMITS


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A daily window of local time; `until` is exclusive, and one that ends before it starts crosses midnight."""

    start: time
    until: time

    def day_of(self, moment: datetime) -> date | None:
        """The local day to which a moment inside the window belongs: the day on which it started."""
        clock = moment.time().replace(tzinfo=None)
        if self.start < self.until:
            return moment.date() if self.start <= clock < self.until else None
        if clock >= self.start:
            return moment.date()
        return moment.date() - timedelta(days=1) if clock < self.until else None


@dataclass(frozen=True)
class Conditions:
    """What must hold for a rule to count; empty means any. Amounts in minor units, weekdays ISO 1 to 7.

    `tags`: one of them is enough. `first_in_district`, `first_at_merchant`: True for the member's first sale there,
    False for any but the first.
    """

    merchant_ids: frozenset[str] = frozenset()
    store_ids: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    payment_methods: frozenset[str] = frozenset()
    weekdays: frozenset[int] = frozenset()
    time_windows: tuple[TimeWindow, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    min_amount: int | None = None
    max_amount: int | None = None
    tier_ids: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    first_in_district: bool | None = None
    first_at_merchant: bool | None = None
    birthday: Birthday | None = None

    @cached_property
    def look_at_days(self) -> bool:
        """Whether a condition depends on the day of the sale."""
        return bool(self.weekdays or self.date_from or self.date_to or self.birthday)

    @cached_property
    def look_at_clock(self) -> bool:
        """Whether a condition depends on when the sale was."""
        return bool(self.time_windows) or self.look_at_days

    @cached_property
    def look_at_member(self) -> bool:
        """Whether a condition depends on who bought, but for birthdays, which depend on the day too."""
        firsts = (self.first_in_district, self.first_at_merchant)
        return bool(self.tier_ids or self.tags) or firsts != (None, None)

    @cached_property
    def of_anybody(self) -> Conditions:
        """What is left of them while neither the member nor how much of the bill will earn is known."""
        return replace(
            self,
            tier_ids=frozenset(),
            tags=frozenset(),
            first_in_district=None,
            first_at_merchant=None,
            birthday=None,
            max_amount=None,
        )

    @cached_property
    def are_none(self) -> bool:
        """Whether every sale meets them."""
        return self == ANY


ANY = Conditions()
"""No condition at all."""


def why_not(conditions: Conditions, sale: SaleFacts, local: datetime) -> str | None:
    """Why a sale doesn't meet conditions, as a code; None if it does. `local` is `occurred_at` in the district's zone."""
    if conditions.are_none:
        return None
    for code, allowed, value in (
        ("other-merchant", conditions.merchant_ids, sale.merchant_id),
        ("other-store", conditions.store_ids, sale.store_id),
        ("other-category", conditions.categories, sale.category),
        ("other-channel", conditions.channels, sale.channel),
        ("other-payment-method", conditions.payment_methods, sale.payment_method),
    ):
        if allowed and value not in allowed:
            return code
    if conditions.look_at_member and (because := _member_says_no(conditions, sale)) is not None:
        return because
    if conditions.min_amount is not None and sale.eligible_amount < conditions.min_amount:
        return "below-min-amount"
    if conditions.max_amount is not None and sale.eligible_amount > conditions.max_amount:
        return "above-max-amount"
    return _clock_says_no(conditions, sale, local) if conditions.look_at_clock else None


def might_count(conditions: Conditions, sale: SaleFacts, local: datetime) -> bool:
    """Whether a sale may meet conditions, whoever bought; its `eligible_amount` may turn out smaller."""
    return why_not(conditions.of_anybody, sale, local) is None


def _member_says_no(conditions: Conditions, sale: SaleFacts) -> str | None:
    if conditions.tier_ids and sale.tier_id not in conditions.tier_ids:
        return "other-tier"
    if conditions.tags and conditions.tags.isdisjoint(sale.tags):
        return "other-tag"
    if conditions.first_in_district not in (None, sale.first_in_district):
        return "not-first-in-district" if conditions.first_in_district else "first-in-district"
    if conditions.first_at_merchant not in (None, sale.first_at_merchant):
        return "not-first-at-merchant" if conditions.first_at_merchant else "first-at-merchant"
    return None


def _clock_says_no(conditions: Conditions, sale: SaleFacts, local: datetime) -> str | None:
    today = local.date()
    days: Iterable[date] = (today,)
    if conditions.time_windows:
        days = [day for window in conditions.time_windows if (day := window.day_of(local)) is not None]
        if not days:
            return "outside-time-windows"
    code = None
    for day in days:
        if conditions.weekdays and day.isoweekday() not in conditions.weekdays:
            code = "outside-weekdays"
        elif (conditions.date_from and day < conditions.date_from) or (conditions.date_to and day > conditions.date_to):
            code = "outside-dates"
        elif conditions.birthday and not _celebrates(sale, conditions.birthday, is_today=day == today):
            code = "not-birthday"
        else:
            return None
    return code


def _celebrates(sale: SaleFacts, kind: str, *, is_today: bool) -> bool:
    return (kind if is_today else day_before(kind)) in sale.birthday


def day_before(kind: str) -> str:
    """How `SaleFacts.birthday` names what was celebrated the day before the sale."""
    return f"{kind}-before"


def celebrated(birthday: date, local_day: date) -> frozenset[str]:
    """What a member with this birthday celebrates on a local day and the day before, as `SaleFacts` wants it."""
    return _on(birthday, local_day) | frozenset(map(day_before, _on(birthday, local_day - timedelta(days=1))))


def _on(birthday: date, day: date) -> frozenset[str]:
    """Who was born on 29 February celebrates on the 28th where there is no 29th."""
    if birthday.month != day.month:
        return frozenset()
    as_of_february_29 = birthday.day == 29 and day.day == 28 and (day + timedelta(days=1)).day == 1
    return frozenset({"month", "day"}) if birthday.day == day.day or as_of_february_29 else frozenset({"month"})
