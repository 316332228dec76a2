"""Coupons for members who are named, or for an audience: asked at once, given in the queue, set by set.

Each set is a commit of its own, which also says how far the issue is: so a job can die anywhere and another goes on from there,
and two of them at once give nobody two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.coupons.campaigns import queries as campaigns
from app.coupons.campaigns.models import Campaign
from app.coupons.campaigns.services import check_issues, check_own, status_of
from app.coupons.errors import CampaignNotRunning, NotClaimable
from app.coupons.giving import queries
from app.coupons.giving.giving import give
from app.coupons.giving.models import Issue
from app.coupons.giving.targets import those_meant
from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork, retrying, unit_of_work
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.jobs.queue import LONG, Job
from app.foundation.problems import NotFound
from app.foundation.tenancy import system_principal
from app.members import audiences
from app.members import queries as members
from app.members.audiences import Prospect
from app.members.shown_tiers import known_tier_ids

MEMBERS_A_SET = 500
MEMBERS_A_LOOK, MOST_LOOKED_AT = 2_000, 20_000
"""How many members are looked at, at once and in all, before an issue is asked for: somebody waits for it."""
ATTEMPTS = 5
DEAD_AFTER = timedelta(minutes=2)
"""An issue of which nothing was told for this long has lost its job, and gets another one."""


class Meant(NamedTuple):
    """The next members of an issue, and up to whom it has come with them; None at its end."""

    member_ids: Sequence[str]
    reached: str | None
    left_out: int = 0


class Cancelled(NamedTuple):
    """An issue, and whether this ended it: whoever repeats it changes nothing."""

    issue: Issue
    is_new: bool


def ask_issue(
    uow: UnitOfWork, campaign_id: str, member_ids: Sequence[str] | None, audience: Mapping[str, Any] | None
) -> Issue:
    """Lets a job give coupons to members. Raises NotFound, Forbidden, NotClaimable, CampaignNotRunning."""
    campaign = campaigns.hold_campaign(uow, campaign_id)
    check_own(uow, campaign)
    if "targeted" not in campaign.terms["issuing"]:
        raise NotClaimable(_l("Coupons of this campaign aren't given to members by name."))
    check_issues(uow, campaign)
    if audience is not None:
        _check_known(uow, audience)
    issue = Issue(
        district_id=uow.district_id,
        id=new_id("iss"),
        campaign_id=campaign.id,
        member_ids=None if member_ids is None else _named(uow, member_ids),
        audience=audience,
        status="queued",
        reached=audiences.FIRST,
        principal_id=uow.principal.id,
        alive_at=uow.real_now,
        created_at=uow.now,
    )
    uow.session.add(issue)
    uow.session.flush()
    return issue


def _named(uow: UnitOfWork, member_ids: Sequence[str]) -> list[str]:
    """Members by the ids to which these lead, each once, in order. Raises NotFound, also for those who aren't the merchant's."""
    survivors = audiences.survivors_of(uow, member_ids)
    merchant_id = uow.principal.merchant_id
    known = set(survivors.values())
    if merchant_id is not None:
        known = {one for one, _ in members.ask_known(uow, [(one, merchant_id) for one in known])()}
    for place, one in enumerate(member_ids):
        if survivors.get(one) not in known:
            raise NotFound.at(f"/member_ids/{place}", _l("member"))
    return sorted({survivors[one] for one in member_ids})


def _check_known(uow: UnitOfWork, audience: Mapping[str, Any]) -> None:
    """Raises NotFound for a merchant that the principal doesn't know, or a tier that isn't the district's."""
    merchants, _ = districts.visible_shops(uow)
    tiers = known_tier_ids(uow) if audience["tier_ids"] else frozenset()
    for name, known, what in (("merchant_ids", merchants, _l("merchant")), ("tier_ids", tiers, _l("tier"))):
        for place, one in enumerate(audience[name]):
            if one not in known:
                raise NotFound.at(f"/audience/{name}/{place}", what)


class Reach(NamedTuple):
    """How many members an audience means, of so many that were looked at; `is_whole`: these are all."""

    members: int
    looked_at: int
    is_whole: bool


def count_meant(uow: UnitOfWork, campaign_id: str, audience: Mapping[str, Any]) -> Reach:
    """Whom an issue would mean now, among the first members. Raises NotFound, Forbidden."""
    campaign = campaigns.find_campaign(uow, campaign_id)
    check_own(uow, campaign)
    _check_known(uow, audience)
    meant, looked_at, reached = 0, 0, audiences.FIRST
    while looked_at < MOST_LOOKED_AT:
        found = _prospects(uow, campaign, audience, reached, uow.now, MEMBERS_A_LOOK)
        meant += len(_those_meant(uow, campaign, audience, found))
        looked_at += len(found)
        if len(found) < MEMBERS_A_LOOK:
            return Reach(meant, looked_at, True)
        reached = found[-1].id
    return Reach(meant, looked_at, False)


def cancel_issue(uow: UnitOfWork, issue_id: str) -> Cancelled:
    """Ends an issue that isn't over; its job stops before the next set. Raises NotFound."""
    issue = queries.find_issue(uow, issue_id, lock=True)
    if issue.finished_at is not None:
        return Cancelled(issue, False)
    issue.status, issue.finished_at = "cancelled", uow.now
    return Cancelled(issue, True)


def job_of(district_id: str, issue_id: str) -> Job:
    """The job that gives the coupons of an issue."""
    return Job("app.coupons.giving.tasks.run_issue", (district_id, issue_id), LONG)


def run_issue(district_id: str, issue_id: str) -> None:
    """Gives what is still to be given of an issue. One that fails says so, and is tried again by the timetable."""
    try:
        while retrying(ATTEMPTS, lambda: _give_some(district_id, issue_id)):
            pass
    except Exception:
        with unit_of_work(system_principal(district_id)) as uow:
            issue = queries.find_issue(uow, issue_id, lock=True)
            if issue.finished_at is None:
                issue.status = "failed"
        raise


def _give_some(district_id: str, issue_id: str) -> bool:
    """Gives the next set; says whether there may be another one."""
    with unit_of_work(system_principal(district_id)) as uow:
        campaign = campaigns.hold_campaign(uow, queries.find_issue(uow, issue_id).campaign_id)
        issue = queries.find_issue(uow, issue_id, lock=True)
        if issue.finished_at is not None:
            return False
        issue.alive_at = uow.real_now
        if status_of(uow, campaign) == "paused":
            issue.status = "queued"
            return False
        try:
            check_issues(uow, campaign)
        except CampaignNotRunning:
            issue.status, issue.finished_at = "failed", uow.now
            return False
        return _give_to(uow, campaign, issue)


def _give_to(uow: UnitOfWork, campaign: Campaign, issue: Issue) -> bool:
    meant = _next_meant(uow, campaign, issue)
    if meant.reached is None:
        issue.status, issue.finished_at = "done", uow.now
        return False
    given = give(uow, campaign, meant.member_ids, way="targeted", issue_id=issue.id) if meant.member_ids else {}
    issue.status, issue.reached = "running", meant.reached
    issue.issued += len(given)
    issue.left_out += meant.left_out + len(meant.member_ids) - len(given)
    return True


def _next_meant(uow: UnitOfWork, campaign: Campaign, issue: Issue) -> Meant:
    if issue.audience is None:
        return _next_named(uow, campaign, issue)
    found = _prospects(uow, campaign, issue.audience, issue.reached, issue.created_at, MEMBERS_A_SET)
    return Meant(_those_meant(uow, campaign, issue.audience, found), found[-1].id if found else None)


def _prospects(
    uow: UnitOfWork, campaign: Campaign, audience: Mapping[str, Any], after: str, until: datetime, most: int
) -> list[Prospect]:
    """The next members at whom an audience looks; a merchant's campaign looks at those who have shown themselves there."""
    own = campaign.merchant_id
    wanted = audience["merchant_ids"] if own is None else [own]
    return audiences.prospects_after(uow, after, until, most, merchant_ids=wanted, proven=own is not None)


def _those_meant(
    uow: UnitOfWork, campaign: Campaign, audience: Mapping[str, Any], found: Sequence[Prospect]
) -> list[str]:
    zone = ZoneInfo(districts.district(uow).time_zone)
    return those_meant(uow, audience, found, campaign.merchant_id, zone)


def _next_named(uow: UnitOfWork, campaign: Campaign, issue: Issue) -> Meant:
    """Members who became part of others since are these; a merchant gives to those who have shown themselves there."""
    named = queries.named_after(uow, issue, MEMBERS_A_SET)
    if not named:
        return Meant((), None)
    survivors = audiences.survivors_of(uow, named)
    willing = list(dict.fromkeys(survivors[one] for one in named))
    if campaign.merchant_id is not None:
        proven = members.ask_known(uow, [(one, campaign.merchant_id) for one in willing])()
        willing = [one for one in willing if proven.get((one, campaign.merchant_id))]
    return Meant(willing, named[-1], len(named) - len(willing))
