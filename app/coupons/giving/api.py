"""Targeted issue: `/v1/campaigns/{id}/issue`, `/v1/issues/{id}`."""

from __future__ import annotations

from typing import Any

from app.coupons.errors import CampaignNotRunning, NotClaimable
from app.coupons.giving import answers, queries, schemas, targeting
from app.coupons.giving.present import show_issue
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.foundation.problems import Forbidden, NotFound

campaign_issues = Routes("campaign_issues", __name__, url_prefix="/v1/campaigns/<cam:campaign_id>/issue")
issues = Routes("issues", __name__, url_prefix="/v1/issues")


def _again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_issue(queries.find_issue(uow, stored["id"]))


@campaign_issues.serve(
    "POST",
    "",
    scope="coupons:issue",
    body=schemas.IssueBody(),
    answers={202: answers.ISSUE},
    problems=(Forbidden, NotClaimable, CampaignNotRunning, NotFound),
    replay=_again,
    audit="issue.asked",
)
def issue_coupons(uow: UnitOfWork, call: Call, campaign_id: str) -> Answer:
    """Give coupons to members who are named or described, each one, in the queue.

    Left out are members who have withdrawn `personalised-offers`, are frozen, have had all that one may have, or come when
    nothing is left. A merchant gives of its own campaigns, to members who have shown themselves there.
    """
    issue = targeting.ask_issue(uow, campaign_id, call.body["member_ids"], call.body["audience"])
    kept, jobs = {"id": issue.id}, (targeting.job_of(uow.district_id, issue.id),)
    return Answer(show_issue(issue), 202, stored=kept, audited={"issue_id": issue.id}, jobs=jobs)


@issues.serve("GET", "/<iss:issue_id>", scope="coupons:read", answers={200: answers.ISSUE})
def get_issue(uow: UnitOfWork, call: Call, issue_id: str) -> Answer:
    """Read an issue: how far it is."""
    return Answer(show_issue(queries.find_issue(uow, issue_id)))


@issues.serve(
    "POST",
    "/<iss:issue_id>/cancel",
    scope="coupons:issue",
    answers={200: answers.ISSUE},
    replay=_again,
    audit="issue.cancelled",
)
def cancel_issue(uow: UnitOfWork, call: Call, issue_id: str) -> Answer:
    """Stop an issue: who has a coupon keeps it, nobody else gets one. One that is over stays as it is."""
    cancelled = targeting.cancel_issue(uow, issue_id)
    kept = {"id": cancelled.issue.id}
    return Answer(show_issue(cancelled.issue), stored=kept, audited={} if cancelled.is_new else None)
