"""What happens to points and their terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.foundation.database.outbox import Event


@dataclass(frozen=True, slots=True)
class ProgrammeChanged(Event):
    """The terms of the points programme have changed; `fields` names which."""

    type: ClassVar[str] = "programme.changed"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PointsExpired(Event):
    """Points of a member were past their end and have left their account."""

    type: ClassVar[str] = "points.expired"
    expiry_id: str
    member_id: str
    points: int


@dataclass(frozen=True, slots=True)
class PointsExpiring(Event):
    """Points of a member end soon: told 30, 7 and 1 days before the last local day (`on`) on which they can be used.

    `points` is what is left of them when this is told, `days` how many days there are from then to the last one; a
    notice that was late has fewer than its stage.
    """

    type: ClassVar[str] = "points.expiring"
    member_id: str
    points: int
    on: str
    days: int


@dataclass(frozen=True, slots=True)
class RuleSetPublished(Event):
    """A rule set has been published as this version."""

    type: ClassVar[str] = "rule_set.published"
    rule_set_id: str
    version: int


@dataclass(frozen=True, slots=True)
class PointsAdjusted(Event):
    """The alliance has given a member points by hand, or taken some (below 0)."""

    type: ClassVar[str] = "points.adjusted"
    adjustment_id: str
    member_id: str
    points: int


@dataclass(frozen=True, slots=True)
class TierCreated(Event):
    """A tier has been added to the programme."""

    type: ClassVar[str] = "tier.created"
    tier_id: str
    rank: int


@dataclass(frozen=True, slots=True)
class TierChanged(Event):
    """A tier has other terms, another rank or another name; `fields` names which."""

    type: ClassVar[str] = "tier.changed"
    tier_id: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemberTierGained(Event):
    """A member has reached a higher tier than the one it had (null for none)."""

    type: ClassVar[str] = "member.tier_gained"
    member_id: str
    tier_id: str
    previous_tier_id: str | None


@dataclass(frozen=True, slots=True)
class MemberTierLost(Event):
    """A member no longer holds its tier, for its time is over or a refund has undone it; a lower one (or none) is left."""

    type: ClassVar[str] = "member.tier_lost"
    member_id: str
    tier_id: str
    remaining_tier_id: str | None


@dataclass(frozen=True, slots=True)
class DebtReturned(Event):
    """A member who left owing points has joined again, and owes them again."""

    type: ClassVar[str] = "points.debt_returned"
    member_id: str
    points: int
