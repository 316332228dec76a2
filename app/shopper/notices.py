"""Notices: what one was told, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from app.coupons.campaigns import queries as campaigns
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.fields import Nothing
from app.notices import queries, services
from app.notices.queries import InboxNotice
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.points.tiers import queries as tiers
from app.shopper.door import home, shopper

MOST = 100
_LEADS_TO = {
    "points-expiring": "/points",
    "points-expired": "/points",
    "points-adjusted": "/points",
    "coupon": "/coupons",
    "case-answered": "/me/cases",
}


class ReadableNotice(NamedTuple):
    """A notice as it is read. `name`: of the tier or the campaign; `path`: where one sees more of it."""

    kind: str
    told_at: datetime
    is_new: bool
    points: int
    on: date | None
    name: str
    path: str | None


@shopper.page("/me/notices")
def own_notices(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The last hundred, those unread marked."""
    found = queries.notices_of(uow, [visit.principal.id], MOST)
    named = campaigns.campaigns_by_id(uow, {one.details["campaign_id"] for one in found if one.kind == "coupon"})
    names = {row.id: row.name for row in uow.session.scalars(tiers.tier_rows(uow))}
    names |= {campaign: row.terms["name"] for campaign, row in named.items()}
    return WebPage("shopper/notices.html", {"notices": [_told(one, names) for one in found]})


def _told(row: InboxNotice, names: Mapping[str, str]) -> ReadableNotice:
    said = row.details
    name = names.get(said.get("tier_id") or said.get("campaign_id") or "", "")
    on = date.fromisoformat(said["on"]) if "on" in said else None
    return ReadableNotice(
        row.kind, row.told_at, row.read_at is None, said.get("points", 0), on, name, _LEADS_TO.get(row.kind)
    )


@shopper.act("/me/notices", form=Nothing(), again=own_notices)
def mark_notices(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """All have been read."""
    services.mark_read(uow, visit.principal.id)
    return Go(f"{home(visit.path)}/me/notices")
