"""What rules looked at when a sale was recorded, kept with the sale so that it can be evaluated again.

What the sale itself holds (where, when, how it was paid) isn't kept twice; of the rest, no more than its version needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from app.points.earning.conditions import NO_LIMITS, Allowance, SaleFacts
from app.points.earning.outcomes import Outcomes, row_of
from app.points.earning.rule_sets import RuleSet

Frozen = dict[str, Any]
_AS_THEY_ARE = ("category", "tier_id", "first_in_district", "first_at_merchant")
_STILL_OPEN = frozenset(
    {
        "amount-too-small",
        "above-max-amount",
        "lower-priority",
        "smaller-factor",
        "no-base-points",
        "daily-cap-reached",
        "member-cap-reached",
        "budget-spent",
    }
)
"""Why a rule gave nothing that may count on a smaller amount. Of these, and of rules that gave, the room matters again."""


PAUSED: Mapping[str, Any] = MappingProxyType({"is_paused": True})
"""Kept of a sale whose merchant gave no points: whatever is left of it earns none either."""


def is_paused(frozen: Mapping[str, Any] | None) -> bool:
    """Whether a sale's merchant gave no points then."""
    return frozen is not None and "is_paused" in frozen


def freeze(rule_set: RuleSet, sale: SaleFacts, outcomes: Outcomes) -> Frozen | None:
    """What to keep (as JSON) of the facts by which a version gave these outcomes; None where it needs nothing."""
    if sale.is_paused:
        return dict(PAUSED)
    needs = rule_set.needs
    if not needs:
        return None
    frozen: Frozen = {name: getattr(sale, name) for name in _AS_THEY_ARE if name in needs}
    for name in ("tags", "birthday"):
        if name in needs:
            frozen[name] = sorted(getattr(sale, name) & rule_set.looked_for[name])
    if "room" in needs:
        room_of = sale.allowances.get
        open_ = (*[key for key, _ in outcomes.given], *_still_open(outcomes.others))
        frozen["room"] = {key: room.points or room.code for key in open_ if (room := room_of(key)) is not None}
    return frozen


@lru_cache(maxsize=4_096)
def _still_open(others: str) -> tuple[str, ...]:
    return tuple(one.rule_key for one in row_of(others) if one is not None and one.code in _STILL_OPEN)


def thaw(sale: SaleFacts, frozen: Frozen | None) -> SaleFacts:
    """What is recorded of a sale (where, when, how it was paid, and what is left eligible) with the facts of then.

    Evaluated by the version of then, it earns what it earned then; on a smaller eligible amount, what that would have.
    """
    kept = frozen or {}
    room: Mapping[str, int | str] = kept.get("room", {})
    allowances = {key: Allowance(0, one) if isinstance(one, str) else Allowance(one, "") for key, one in room.items()}
    return sale._replace(
        category=kept.get("category"),
        tier_id=kept.get("tier_id"),
        tags=frozenset(kept.get("tags", ())),
        first_in_district=kept.get("first_in_district", False),
        first_at_merchant=kept.get("first_at_merchant", False),
        birthday=frozenset(kept.get("birthday", ())),
        allowances=allowances or NO_LIMITS,
        is_paused=is_paused(frozen),
    )
