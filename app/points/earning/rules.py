"""One rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from app.points.earning.conditions import Conditions

Kind = Literal["base", "multiplier", "bonus"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a set, of a kind:

    `base`: `points` per `per_amount` minor units of the eligible amount; of those that match, the largest `priority`.
    `multiplier`: `factor` (above 1) adds its surplus times the base points; of an `exclusive_group`, the largest factor.
    `bonus`: a fixed number of `points`.

    `merchant_percent`: what the merchant pays, the district the rest. Caps in points: `most_per_sale`; `most_per_day`
    of a member on one local day, `most_per_member` ever, and the `budget` of the rule in the district.
    """

    key: str
    name: str
    points: int = 0
    per_amount: int = 1
    priority: int = 0
    conditions: Conditions = field(default_factory=Conditions)
    merchant_percent: int = 100
    kind: Kind = "base"
    factor: Fraction = Fraction(1)
    exclusive_group: str | None = None
    most_per_sale: int | None = None
    most_per_day: int | None = None
    most_per_member: int | None = None
    budget: int | None = None

    @property
    def counts_use(self) -> bool:
        """Whether what it gave before matters, to this member or to anybody."""
        return (self.most_per_day, self.most_per_member, self.budget) != (None, None, None)

    @property
    def looks_at_member(self) -> bool:
        """Whether it depends on who bought, or on what they bought before."""
        of_member = self.conditions.look_at_member or self.conditions.birthday is not None
        return of_member or (self.most_per_day, self.most_per_member) != (None, None)

    @property
    def is_simple(self) -> bool:
        """Whether it is a base rule without caps for which the merchant pays."""
        is_whole = self.kind == "base" and self.merchant_percent == 100
        return is_whole and self.most_per_sale is None and not self.counts_use


Placed = tuple[int, Rule]
"""A rule and its place in the set."""
