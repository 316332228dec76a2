"""Reading issues, locks included."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.coupons.campaigns import queries as campaigns
from app.coupons.giving.models import Issue
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound

_WAITING = """
    SELECT i.id FROM issues AS i
    JOIN campaigns AS c ON c.district_id = i.district_id AND c.id = i.campaign_id AND c.paused_at IS NULL
    WHERE i.district_id = %s AND i.finished_at IS NULL AND (i.status <> 'running' OR i.alive_at < %s) ORDER BY i.id
"""
_NAMED = """
    SELECT n.member FROM issues AS i, jsonb_array_elements_text(i.member_ids) AS n (member)
    WHERE i.district_id = %s AND i.id = %s AND n.member > %s ORDER BY n.member LIMIT %s
"""


def find_issue(uow: UnitOfWork, issue_id: str, *, lock: bool = False) -> Issue:
    """An issue; a merchant knows those of its own campaigns. Raises NotFound."""
    query = select(Issue).where(Issue.district_id == uow.district_id, Issue.id == issue_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = uow.session.scalars(query).one_or_none()
    if row is None:
        raise NotFound
    merchant_id = uow.principal.merchant_id
    if merchant_id not in (None, campaigns.campaigns_by_id(uow, [row.campaign_id])[row.campaign_id].merchant_id):
        raise NotFound
    return row


def newest_issues(uow: UnitOfWork, most: int) -> list[Issue]:
    """The newest issues of all campaigns."""
    query = select(Issue).where(Issue.district_id == uow.district_id).order_by(Issue.id.desc()).limit(most)
    return list(uow.session.scalars(query))


def issues_of(uow: UnitOfWork, campaign_id: str, most: int) -> list[Issue]:
    """The last issues of a campaign, newest first."""
    query = select(Issue).where(Issue.district_id == uow.district_id, Issue.campaign_id == campaign_id)
    return list(uow.session.scalars(query.order_by(Issue.id.desc()).limit(most)))


def named_after(uow: UnitOfWork, issue: Issue, most: int) -> list[str]:
    """The next members whom an issue names."""
    values = (hex_of(uow.district_id), hex_of(issue.id), issue.reached, most)
    return [member for (member,) in uow.rows(_NAMED, values)]


def waiting_issues(uow: UnitOfWork, dead_since: datetime) -> list[str]:
    """Issues whose job has died, hasn't come, or stopped at a pause that is over."""
    return [f"iss_{one}" for (one,) in uow.rows(_WAITING, (hex_of(uow.district_id), dead_since))]
