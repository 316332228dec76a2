"""Who may claim: what is asked of a member, by this room and by those that know more of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork
from app.members.claimants import Claimant
from app.members.shown_tiers import tiers_of

WHO_BOUGHT: list[Callable[[UnitOfWork, str], bool]] = []
"""Who knows whether a member has ever bought anything; sales stand above. `app/wiring.py` fills it."""


def names_facts(audience: Mapping[str, Any]) -> bool:
    """Whether it depends on who claims."""
    return any(audience.values())


def is_for(uow: UnitOfWork, audience: Mapping[str, Any], member: Claimant) -> bool:
    """Whether a member is of the audience now: all of it holds; of tiers and tags one is enough."""
    before = audience["member_since_before"]
    if before is not None and member.since >= datetime.fromisoformat(before):
        return False
    if audience["tags"] and not set(audience["tags"]) & set(member.tags):
        return False
    if audience["tier_ids"]:
        tier = tiers_of(uow, [member.id]).get(member.id)
        if tier is None or tier["id"] not in audience["tier_ids"]:
            return False
    return not audience["first_purchase_only"] or not (member.returned or _has_bought(uow, member.id))


def _has_bought(uow: UnitOfWork, member_id: str) -> bool:
    return any(knows(uow, member_id) for knows in WHO_BOUGHT)
