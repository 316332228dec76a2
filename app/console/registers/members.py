"""`/console/members`: who is a member, and a member's card with its history and why."""

from __future__ import annotations

from functools import partial
from typing import Any

from app.care.cases.queries import cases_of
from app.care.movements import movements_of
from app.console.around import around
from app.console.door import console, must
from app.console.lists import listing
from app.console.places import HOME
from app.coupons.issuing.present import newest_coupons
from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import page_of_found, sorts
from app.insights import queries as insights
from app.members import naming, queries, schemas
from app.members.present import page_of_members, show_consents, show_member, show_present
from app.notices.present import readable_notices
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.points.present import show_points

HERE, READ, WRITE = f"{HOME}/members", "members:read", "members:write"
_MOVEMENTS, _COUPONS, _NOTICES = 20, 20, 20
_NEWEST = 1 << 62
LAST = "last_purchase"


@console.page("/members", audit="members.listed")
def members(uow: UnitOfWork, visit: Visit) -> Handed:
    """Members, newest first; to the alliance, which knows of all purchases, also by their last one."""
    must(visit, READ)
    is_alliance = visit.principal.is_alliance
    asked = listing(HERE, schemas.MEMBERS, exported_as="members", sorts=sorts(LAST) if is_alliance else ())
    if "phone" in asked.query:
        naming.count_question(uow.principal)
    if asked.sort and not asked.is_filtered:
        found, has_more = page_of_found(asked.query, partial(insights.members_by_last_purchase, uow, asked.query))
        shown, last = show_present(uow, [one for one, _ in found]), dict(found)
        asked = asked.showing([one for one, _ in found], has_more=has_more)
    else:
        page = page_of_members(uow, asked.query)
        shown = page["data"]
        asked = asked.showing([one["id"] for one in shown], has_more=page["has_more"])
        last = insights.last_purchases(uow, [one["id"] for one in shown]) if is_alliance else {}
    ids = [one["id"] for one in shown]
    values = {
        "listing": asked,
        "heads": asked.heads({LAST: LAST}) if is_alliance and not asked.is_filtered else {},
        "members": shown,
        "last": last if is_alliance else None,
        **around(uow),
    }
    return WebPage("console/members.html", values, audited={"member_ids": ids} if ids else None)


@console.page("/members/<mem:member_id>", audit="member.read")
def member(uow: UnitOfWork, visit: Visit, member_id: str) -> Handed:
    """A member's card: what a merchant may not read isn't there."""
    must(visit, READ)
    found = queries.find_member(uow, member_id)
    if found.id != member_id:
        return Go(f"{HERE}/{found.id}", audited=None)
    values = {
        "member": show_member(uow, member_id),
        "is_here": not found.is_gone,
        "may_write": visit.principal.is_alliance and visit.principal.may(WRITE) and not found.is_gone,
        "may_adjust": visit.principal.is_alliance and visit.principal.may("points:adjust") and not found.is_gone,
        "names": districts.merchant_names(uow),
        **around(uow),
        **_purse(uow, visit, member_id, is_here=not found.is_gone),
        **_told(uow, visit, member_id),
    }
    return WebPage("console/member.html", values)


def _purse(uow: UnitOfWork, visit: Visit, member_id: str, *, is_here: bool) -> dict[str, Any]:
    """Points with their movements, and coupons, where the principal reads them."""
    if not is_here or member_id not in queries.readable(uow, [member_id]):
        return {"points": None, "movements": [], "coupons": []}
    before = visit.asked("before")
    below = int(before) if before.isdecimal() and len(before) < 18 else _NEWEST
    found = movements_of(uow, member_id, below=below, limit=_MOVEMENTS + 1)
    shown = found[:_MOVEMENTS]
    return {
        "points": show_points(uow, member_id),
        "movements": shown,
        "newer": f"{HERE}/{member_id}" if below < _NEWEST else "",
        "older": f"{HERE}/{member_id}?before={shown[-1].sequence}" if len(found) > _MOVEMENTS else "",
        "coupons": newest_coupons(uow, member_id, _COUPONS) if visit.principal.may("coupons:read") else [],
    }


def _told(uow: UnitOfWork, visit: Visit, member_id: str) -> dict[str, Any]:
    """What the member said and was told: the alliance's to read."""
    if not visit.principal.is_alliance:
        return {"consents": [], "notices": [], "cases": []}
    ids = queries.with_merged(uow, member_id)
    return {
        "consents": show_consents(uow, ids),
        "notices": readable_notices(uow, ids, _NOTICES),
        "cases": cases_of(uow, ids),
    }
