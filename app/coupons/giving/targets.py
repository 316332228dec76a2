"""Whom an audience means: what is asked of members, by this room and by those that know more of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.foundation.clock import parse_instant, start_of_day
from app.foundation.database.unit_of_work import UnitOfWork
from app.members.audiences import Prospect
from app.members.shown_tiers import tiers_of

Audience = Mapping[str, Any]
"""As `schemas.IssueAudience` keeps it."""


class Bought(NamedTuple):
    """When a member last bought something, and the money it spent since an instant, less what it was given back."""

    last_at: datetime
    spent: int


WHO_SOLD: list[Callable[[UnitOfWork, Sequence[str], str | None, datetime | None], Mapping[str, Bought]]] = []
"""Who knows what members have bought, of one merchant or of any, and spent since an instant. `app/wiring.py` fills it."""
_OF_SALES = ("first_purchase_only", "last_purchase_before", "last_purchase_after", "min_spent", "lapsed_days")


def those_meant(
    uow: UnitOfWork, audience: Audience, found: Sequence[Prospect], merchant_id: str | None, zone: ZoneInfo
) -> list[str]:
    """Those of some members whom an audience means now: all of it holds; of tiers and tags one is enough.

    A merchant's looks at its own sales only.
    """
    meant = [one for one in found if _is_by_itself(audience, one)]
    if audience["tier_ids"]:
        tiers = tiers_of(uow, [one.id for one in meant])
        meant = [one for one in meant if one.id in tiers and tiers[one.id]["id"] in audience["tier_ids"]]
    if meant and any(audience[name] for name in _OF_SALES):
        today = uow.now.astimezone(zone).date()
        days = audience["spent_days"]
        since = None if days is None else start_of_day(today - timedelta(days=days - 1), zone)
        bought = WHO_SOLD[0](uow, [one.id for one in meant], merchant_id, since)
        meant = [one for one in meant if _bought_so(audience, one, bought.get(one.id), uow.now, zone)]
    return [one.id for one in meant]


def _is_by_itself(audience: Audience, one: Prospect) -> bool:
    before = audience["member_since_before"]
    if before is not None and one.since >= parse_instant(before):
        return False
    return not audience["tags"] or bool(set(audience["tags"]) & set(one.tags))


def _bought_so(audience: Audience, one: Prospect, bought: Bought | None, now: datetime, zone: ZoneInfo) -> bool:
    if audience["first_purchase_only"] and (one.returned or bought is not None):
        return False
    if audience["min_spent"] and (bought is None or bought.spent < audience["min_spent"]):
        return False
    before, after, lapsed = (audience[name] for name in ("last_purchase_before", "last_purchase_after", "lapsed_days"))
    if before is None and after is None and lapsed is None:
        return True
    if bought is None:
        return False
    if before is not None and bought.last_at >= parse_instant(before):
        return False
    if after is not None and bought.last_at < parse_instant(after):
        return False
    return lapsed is None or (now.astimezone(zone).date() - bought.last_at.astimezone(zone).date()).days >= lapsed
