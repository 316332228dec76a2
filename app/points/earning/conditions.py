"""What must hold of a sale for a rule to count, as pure functions. Each refusal is a stable code (`words.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol

from app.foundation.figures.time_windows import TimeWindow

Birthday = Literal["day", "month"]


class Allowance(NamedTuple):
    """What a rule may give at most, in whole points, and the code to tell where that is nothing."""

    points: int
    code: str


class Allowances(Protocol):
    """Allowances by rule key; None where a rule has no limit. A mapping, or what looks it up when it is asked."""

    def get(self, rule_key: str, /) -> Allowance | None: ...


NO_LIMITS: Mapping[str, Allowance] = MappingProxyType({})


class SaleFacts(NamedTuple):
    """What rules look at. `occurred_at` in any zone; `eligible_amount` in minor units, a fraction after a refund.

    `birthday` tells of the local day of the sale (`day`, `month`) and of the day before (`day-before`, `month-before`)
    what the member celebrates then. `allowances` is what is left under a rule's caps. `is_paused`: its merchant gives none.
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
    allowances: Allowances = NO_LIMITS
    is_paused: bool = False


class Moment(NamedTuple):
    """When a sale was on the district's clocks."""

    today: date
    clock: time

    @classmethod
    def of(cls, local: datetime) -> Moment:
        """Of an instant in the district's zone."""
        return cls(local.date(), local.time())


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


ANY = Conditions()
"""No condition at all."""


PLACES = (
    ("merchant_id", "merchant_ids", "other-merchant"),
    ("store_id", "store_ids", "other-store"),
    ("category", "categories", "other-category"),
    ("channel", "channels", "other-channel"),
    ("payment_method", "payment_methods", "other-payment-method"),
)
"""The fields of a sale that say where it was and how it was paid, each with its condition and the code of a refusal."""


def why_not(conditions: Conditions, sale: SaleFacts, moment: Moment) -> str | None:
    """The code of why a sale doesn't meet conditions; None if it does."""
    return not_here(conditions, sale) or not_for(conditions, sale) or not_then(conditions, sale, moment)


def not_here(conditions: Conditions, sale: SaleFacts) -> str | None:
    """The code of why a sale's shop or way to pay doesn't meet conditions; None if they do."""
    for field, condition, code in PLACES:
        allowed = getattr(conditions, condition)
        if allowed and getattr(sale, field) not in allowed:
            return code
    return None


def not_for(conditions: Conditions, sale: SaleFacts) -> str | None:
    """The code of why a sale's member or amount doesn't meet conditions; None if they do."""
    if conditions.look_at_member and (because := _member_says_no(conditions, sale)) is not None:
        return because
    least, most = conditions.min_amount, conditions.max_amount
    if least is not None and sale.eligible_amount < least:
        return "below-min-amount"
    if most is not None and sale.eligible_amount > most:
        return "above-max-amount"
    return None


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


def not_then(conditions: Conditions, sale: SaleFacts, moment: Moment) -> str | None:
    """The code of why a sale's time doesn't meet conditions; None if it does."""
    if not conditions.look_at_clock:
        return None
    today, clock = moment
    days: Iterable[date] = (today,)
    if conditions.time_windows:
        days = [day for window in conditions.time_windows if (day := window.day_at(today, clock)) is not None]
        if not days:
            return "outside-time-windows"
        if not conditions.look_at_days:
            return None
    code = None
    for day in days:
        code = _day_says_no(conditions, sale, day, is_today=day == today)
        if code is None:
            break
    return code


def _day_says_no(conditions: Conditions, sale: SaleFacts, day: date, *, is_today: bool) -> str | None:
    if conditions.weekdays and day.isoweekday() not in conditions.weekdays:
        return "outside-weekdays"
    if (conditions.date_from and day < conditions.date_from) or (conditions.date_to and day > conditions.date_to):
        return "outside-dates"
    if conditions.birthday and not _celebrates(sale, conditions.birthday, is_today=is_today):
        return "not-birthday"
    return None


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
