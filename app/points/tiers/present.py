"""How tiers are shown, and members' own as of now: whether or not the job has been there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.foundation.clock import format_instant, start_of_day
from app.foundation.database.unit_of_work import UnitOfWork
from app.points.tiers.member_tiers import TierStates
from app.points.tiers.models import TierRow
from app.points.tiers.queries import ladder, oldest_day
from app.points.tiers.rules import next_tier, progress


def tiers_of(uow: UnitOfWork, member_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The tier that counts for each of some members, since when and until when; who has none isn't in it."""
    rungs = ladder(uow)
    if not rungs.tiers:
        return {}
    states = TierStates(uow, rungs)
    states.ask(member_ids)()
    shown = {}
    for member_id in member_ids:
        state = states.state_of(member_id)
        if state.tier is not None:
            tier, hold = state.tier, state.holds[state.tier.id]
            shown[member_id] = {
                "id": tier.id,
                "name": tier.name,
                "rank": tier.rank,
                "since": format_instant(hold.since),
                "held_until": format_instant(start_of_day(hold.ends_on, rungs.zone)),
            }
    return shown


def next_tier_of(uow: UnitOfWork, member_id: str) -> dict[str, Any] | None:
    """The tier above a member's own, what is missing for it, and by when; None at the top or without tiers."""
    rungs = ladder(uow)
    if not rungs.tiers:
        return None
    state = TierStates(uow, rungs).state_of(member_id)
    tier = next_tier(rungs.tiers, state.tier)
    if tier is None:
        return None
    oldest = oldest_day(uow, member_id, tier.window, state.today)
    towards = progress(tier, state.sums[tier.window], oldest)
    return {
        "id": tier.id,
        "name": tier.name,
        "rank": tier.rank,
        "qualifies_by": tier.qualifies_by,
        "threshold": tier.threshold,
        "counted": towards.counted,
        "missing": towards.missing,
        "by": towards.by and towards.by.isoformat(),
    }


def show_tier(row: TierRow) -> dict[str, Any]:
    """A tier as the API shows it."""
    return {
        "object": "tier",
        "id": row.id,
        "name": row.name,
        "rank": row.rank,
        "qualifies_by": row.qualifies_by,
        "threshold": row.threshold,
        "period_days": row.period_days,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
    }
