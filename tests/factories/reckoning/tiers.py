"""Tiers reckoned by pencil: from a list of sales, day by day, with nothing kept but what is held."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass(slots=True)
class Bought:
    """What is left of a sale: 1 point per yuan."""

    day: date
    yuan: int


@dataclass(slots=True)
class Terms:
    """A tier: so many yuan paid, or points, which is the same number here, in so many days."""

    rank: int
    threshold: int
    days: int


@dataclass(slots=True)
class Reckoned:
    """A member's sales, and by tier the day on which it was reached and the terms of that day."""

    sales: list[Bought] = field(default_factory=list)
    held: dict[str, tuple[date, int, int]] = field(default_factory=dict)

    def total(self, days: int, last: date) -> int:
        """What was bought in so many days up to one."""
        return sum(one.yuan for one in self.sales if last - timedelta(days=days) < one.day <= last)

    def look(self, tiers: dict[str, Terms], today: date) -> None:
        """What the clock, or other terms, have done."""
        for name, terms in tiers.items():
            while name in self.held and (end := self.ends(name)) <= today:
                del self.held[name]
                if self.total(terms.days, end) >= terms.threshold:
                    self.held[name] = (end, terms.threshold, terms.days)
            if name not in self.held and self.total(terms.days, today) >= terms.threshold:
                self.held[name] = (today, terms.threshold, terms.days)

    def given_back(self, tiers: dict[str, Terms], today: date) -> None:
        """What a refund has done."""
        for name, (on, threshold, days) in list(self.held.items()):
            if self.total(days, on) < threshold:
                del self.held[name]
        self.look(tiers, today)

    def ends(self, name: str) -> date:
        """The day from which a hold is over."""
        on, _, days = self.held[name]
        return on + timedelta(days=days)

    def tier(self, tiers: dict[str, Terms]) -> tuple[str, date] | None:
        """The tier that counts, and the day on which its hold ends."""
        name = max(self.held, key=lambda one: tiers[one].rank, default=None)
        return None if name is None else (name, self.ends(name))
