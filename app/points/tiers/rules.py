"""Tiers as pure functions: who reaches one, how long it is held, what is missing (docs/points.en.md, "Tiers"). No database.

A tier is reached on a local day when what counts in the `period_days` up to that day comes to its threshold. It is held
until as many days later, whatever falls out of the window meanwhile; then the window up to that day decides again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

QualifiesBy = Literal["points_earned", "amount_spent"]


class TierFigures(NamedTuple):
    """What counts for tiers: points earned, and what was paid in minor units, net of refunds."""

    points_earned: int
    amount_spent: int

    def by(self, qualifies_by: QualifiesBy) -> int:
        """The one of them that a tier looks at."""
        return self.points_earned if qualifies_by == "points_earned" else self.amount_spent


class DayWindow(NamedTuple):
    """A rolling number of local days, today included, and what is added up in them."""

    qualifies_by: QualifiesBy
    days: int

    def before(self, last: date) -> date:
        """The day before the first one of the window that ends with `last`."""
        return last - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Tier:
    """The terms of a tier since `terms_at` (UTC). `threshold` in points or minor units; a higher `rank` wins."""

    id: str
    name: str
    rank: int
    qualifies_by: QualifiesBy
    threshold: int
    period_days: int
    terms_at: datetime

    @property
    def window(self) -> DayWindow:
        """What is added up for it."""
        return DayWindow(self.qualifies_by, self.period_days)


@dataclass(frozen=True, slots=True)
class TierHold:
    """A tier that a member holds `since` an instant (UTC), by the terms of the local day on which it was last reached."""

    tier_id: str
    since: datetime
    reached_on: date
    qualifies_by: QualifiesBy
    threshold: int
    period_days: int

    @property
    def ends_on(self) -> date:
        """The local day from which it no longer counts by itself."""
        return self.reached_on + timedelta(days=self.period_days)

    @property
    def window(self) -> DayWindow:
        """What was added up when it was reached."""
        return DayWindow(self.qualifies_by, self.period_days)


def reached(tier: Tier, on: date, since: datetime) -> TierHold:
    """The hold of a tier that is reached on a local day."""
    return TierHold(tier.id, since, on, tier.qualifies_by, tier.threshold, tier.period_days)


def upheld(tier: Tier, hold: TierHold, total: int) -> TierHold | None:
    """What becomes of a hold at its end, by the terms of now and what the window up to its `ends_on` comes to."""
    return reached(tier, hold.ends_on, hold.since) if total >= tier.threshold else None


@dataclass(slots=True)
class TierState:
    """A member among the tiers of the district, the highest rank first, on the local day `today`.

    `sums`: what each window up to today comes to; `latest`: the last day that counts, which a till whose clock is ahead
    may date tomorrow.
    """

    tiers: Sequence[Tier]
    today: date
    holds: dict[str, TierHold]
    sums: dict[DayWindow, int]
    latest: date

    @property
    def tier(self) -> Tier | None:
        """The tier that counts: of those held, the one with the highest rank."""
        return next((one for one in self.tiers if one.id in self.holds), None)

    def ended(self) -> list[tuple[Tier, TierHold]]:
        """Holds that are to be looked at again."""
        tiers = {one.id: one for one in self.tiers}
        return [(tiers[one.tier_id], one) for one in self.holds.values() if one.ends_on <= self.today]

    def set_hold(self, tier_id: str, hold: TierHold | None) -> None:
        """Replaces a hold, or ends it."""
        if hold is None:
            del self.holds[tier_id]
        else:
            self.holds[tier_id] = hold

    def count(self, day: date, figures: TierFigures) -> None:
        """Adds what was bought, or given back (below 0), on a local day."""
        self.latest = max(self.latest, day)
        for window in self.sums:
            if day > window.before(self.today):
                self.sums[window] += figures.by(window.qualifies_by)

    def reach(self, since: datetime | None = None) -> None:
        """Holds each tier whose window comes to its threshold, if it isn't held yet.

        `since`: None for those that changed terms alone let the member reach; they count since then.
        """
        for tier in self.tiers:
            if tier.id not in self.holds and self.sums[tier.window] >= tier.threshold:
                self.holds[tier.id] = reached(tier, max(self.today, self.latest), since or tier.terms_at)

    def join(self, other: TierState, now: datetime) -> None:
        """Takes over what another bought and holds; of two holds of one tier, the later end counts, since the earlier."""
        self.latest = max(self.latest, other.latest)
        for window, total in other.sums.items():
            self.sums[window] += total
        for tier_id, hold in other.holds.items():
            both = [hold, self.holds.get(tier_id, hold)]
            since = min(one.since for one in both)
            self.holds[tier_id] = replace(max(both, key=lambda one: one.ends_on), since=since)
        other.holds, other.sums = {}, dict.fromkeys(other.sums, 0)
        self.reach(now)

    def take_back(self, totals: dict[str, int], now: datetime) -> None:
        """Ends holds (by tier) whose qualifying sum no longer comes to their threshold.

        Who reaches a tier again at once by what they bought since holds it without a break.
        """
        lost = {one: hold for one, hold in self.holds.items() if one in totals and totals[one] < hold.threshold}
        for one in lost:
            del self.holds[one]
        self.reach(now)
        for one in lost.keys() & self.holds.keys():
            self.holds[one] = replace(self.holds[one], since=lost[one].since)


class Progress(NamedTuple):
    """What a member has towards the next tier, and what is missing.

    `by`: the last local day on which that is enough, for then the oldest day that counts leaves the window; None while
    nothing counts.
    """

    tier: Tier
    counted: int
    missing: int
    by: date | None


def next_tier(tiers: Sequence[Tier], current: Tier | None) -> Tier | None:
    """The lowest tier above the current one; `tiers` with the highest rank first."""
    above = [one for one in tiers if current is None or one.rank > current.rank]
    return above[-1] if above else None


def progress(tier: Tier, counted: int, oldest: date | None) -> Progress:
    """How far a member is from a tier; `oldest`: the first day in its window that counts."""
    by = oldest and oldest + timedelta(days=tier.period_days - 1)
    return Progress(tier, counted, max(0, tier.threshold - counted), by)
