"""What the calls on replays answer. Costs in minor units (fen), instants in UTC.

`points` is what the rules would have given, `awarded` what was given; `cost` and `awarded_cost` are those of these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from merchant_sdk._answers.reading import DAY, INSTANT, Answer, many, named, one


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayProgress(Answer):
    """How many sales are `done`; of how many in `total` is known once it runs."""

    done: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayCost(Answer):
    """Points in fen, at what one takes off a bill, by who pays."""

    merchant: int = 0
    district: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayTotals(Answer):
    """Points and what they cost, by the rules rehearsed and as it was."""

    points: int = 0
    awarded: int = 0
    cost: ReplayCost | None = field(default=None, metadata=one(ReplayCost))
    awarded_cost: ReplayCost | None = field(default=None, metadata=one(ReplayCost))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayMerchant(ReplayTotals):
    """The sales of one merchant."""

    merchant_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDay(ReplayTotals):
    """The sales of one day in the district's time zone."""

    on: date = field(metadata=DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRule(Answer):
    """The points of one rule."""

    rule_key: str
    points: int = 0
    awarded: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayMember(Answer):
    """A member who would have gained or (`change` below 0) lost."""

    member_id: str
    points: int = 0
    awarded: int = 0
    change: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult(ReplayTotals):
    """What the rules would have given for the claimed sales of the period. `gaining` and `losing`: those with most."""

    sales: int = 0
    members: int = 0
    merchants: tuple[ReplayMerchant, ...] = field(default=(), metadata=many(ReplayMerchant))
    rules: tuple[ReplayRule, ...] = field(default=(), metadata=many(ReplayRule))
    days: tuple[ReplayDay, ...] = field(default=(), metadata=many(ReplayDay))
    gaining: tuple[ReplayMember, ...] = field(default=(), metadata=many(ReplayMember))
    losing: tuple[ReplayMember, ...] = field(default=(), metadata=many(ReplayMember))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay(Answer):
    """Rules rehearsed over a past period. `status`: `queued`, `running`, `done` (with its `result`), `failed`, `cancelled`."""

    id: str
    rule_set_id: str
    status: str
    occurred_from: datetime = field(metadata={**named("from"), **INSTANT})
    occurred_to: datetime = field(metadata={**named("to"), **INSTANT})
    progress: ReplayProgress | None = field(default=None, metadata=one(ReplayProgress))
    result: ReplayResult | None = field(default=None, metadata=one(ReplayResult))
    created_at: datetime | None = field(default=None, metadata=INSTANT)
    finished_at: datetime | None = field(default=None, metadata=INSTANT)
