"""How notices are shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from app.coupons.campaigns import queries as campaigns
from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.notices import queries
from app.notices.queries import InboxNotice
from app.points.tiers import queries as tiers


def show_notice(row: InboxNotice) -> dict[str, Any]:
    """A notice as a member takes it along."""
    return {
        "id": row.id,
        "kind": row.kind,
        "details": row.details,
        "told_at": format_instant(row.told_at),
        "read_at": row.read_at and format_instant(row.read_at),
    }


class ReadableNotice(NamedTuple):
    """A notice as it is read. `name`: of the tier or the campaign."""

    kind: str
    told_at: datetime
    is_new: bool
    points: int
    on: date | None
    name: str


def readable_notices(uow: UnitOfWork, member_ids: Collection[str], most: int) -> list[ReadableNotice]:
    """The last so many of what members were told."""
    found = queries.notices_of(uow, member_ids, most)
    named = campaigns.campaigns_by_id(uow, {one.details["campaign_id"] for one in found if one.kind == "coupon"})
    names = {row.id: row.name for row in uow.session.scalars(tiers.tier_rows(uow))}
    names |= {campaign: row.terms["name"] for campaign, row in named.items()}
    return [_readable(one, names) for one in found]


def _readable(row: InboxNotice, names: Mapping[str, str]) -> ReadableNotice:
    said = row.details
    name = names.get(said.get("tier_id") or said.get("campaign_id") or "", "")
    on = date.fromisoformat(said["on"]) if "on" in said else None
    return ReadableNotice(row.kind, row.told_at, row.read_at is None, said.get("points", 0), on, name)
