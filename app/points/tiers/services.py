"""Verbs that write tiers. What members bought so far counts from the first tier on: see `app/wiring.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.districts.services import touch_configuration
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.points.errors import RankTaken
from app.points.events import TierChanged, TierCreated
from app.points.tiers import queries as tier_queries
from app.points.tiers.models import TierRow

TERMS = ("qualifies_by", "threshold", "period_days")
"""What decides who reaches a tier."""


def create_tier(
    uow: UnitOfWork, *, name: str, rank: int, qualifies_by: str, threshold: int, period_days: int
) -> TierRow:
    """Adds a tier; whoever bought enough already reaches it. Raises RankTaken."""
    terms_at = touch_configuration(uow)
    _check_rank(uow, rank)
    tier = TierRow(
        district_id=uow.district_id,
        id=new_id("tir"),
        name=name,
        rank=rank,
        qualifies_by=qualifies_by,
        threshold=threshold,
        period_days=period_days,
        terms_at=terms_at,
        created_at=uow.now,
        updated_at=uow.now,
    )
    uow.session.add(tier)
    uow.session.flush()
    uow.emit(TierCreated(tier.id, rank))
    return tier


def change_tier(uow: UnitOfWork, tier_id: str, changes: Mapping[str, Any]) -> TierRow:
    """Changes a tier for what comes: whoever holds it keeps it until their hold ends. Raises NotFound, RankTaken."""
    changed_at = touch_configuration(uow)
    tier = tier_queries.find_tier(uow, tier_id)
    changed = {name: value for name, value in changes.items() if getattr(tier, name) != value}
    if not changed:
        return tier
    if "rank" in changed:
        _check_rank(uow, changed["rank"])
    for name, value in changed.items():
        setattr(tier, name, value)
    if changed.keys() & set(TERMS):
        tier.terms_at, tier.reviewed_at = changed_at, None
    tier.updated_at = uow.now
    uow.emit(TierChanged(tier.id, tuple(sorted(changed))))
    return tier


def _check_rank(uow: UnitOfWork, rank: int) -> None:
    taken = uow.session.scalars(tier_queries.tier_rows(uow).where(TierRow.rank == rank)).one_or_none()
    if taken is not None:
        raise RankTaken(_l("The tier %(name)s has rank %(rank)s.", name=taken.name, rank=rank))
