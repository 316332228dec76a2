"""`/v1/programme`, `/v1/rule-sets`, and a member's points."""

from __future__ import annotations

from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.foundation.pagination import list_answer
from app.ledger.rules import account_id
from app.members import queries as members
from app.members.errors import MemberUnproven
from app.points import adjusting, answers, schemas
from app.points.present import show_adjustment, show_entry, show_points
from app.points.programme.api import programme, rule_sets
from app.points.purses import queries
from app.points.purses.posting import ASSET
from app.points.tiers.api import tiers

member_points = Routes("member_points", __name__, url_prefix="/v1/members/<mem:member_id>/points")
ROOMS = (programme, rule_sets, tiers, member_points)


@member_points.serve(
    "GET",
    "",
    scope="members:read",
    answers={200: answers.POINTS},
    problems=(MemberUnproven,),
    audit="member.points_read",
    shopper=True,
)
def get_points(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """Read a member's points: available, pending, owed, expiring, over a lifetime, and on the way to the next tier.

    A merchant's key reads those of members who have shown themselves there, say by a code.
    """
    return Answer(show_points(uow, member_id))


@member_points.serve(
    "GET",
    "/entries",
    scope="members:read",
    query=schemas.EntriesPage(),
    answers={200: answers.ENTRIES},
    problems=(MemberUnproven,),
    audit="member.entries_read",
    shopper=True,
)
def list_entries(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """List the movements of a member's points, newest first, each with the balance after it."""
    member_id = members.find_readable(uow, member_id).id
    above, below, limit = call.query["ending_before"], call.query["starting_after"], call.query["limit"]
    rows = queries.entries(
        uow,
        account_id(ASSET, "member", member_id),
        above=above or 0,
        below=below or 1 << 62,
        limit=limit + 1,
        newest=above is None,
    )
    has_more, rows = len(rows) > limit, rows[:limit]
    if above is not None:
        rows.reverse()
    return Answer(list_answer([show_entry(row) for row in rows], has_more=has_more))


def _adjusted_again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    row = queries.find_adjustment(uow, stored["adjustment_id"])
    return {**show_adjustment(row), "balance": stored["balance"]}


@member_points.serve(
    "POST",
    "/adjustments",
    scope="points:adjust",
    alliance_only=True,
    body=schemas.AdjustmentBody(),
    answers={201: answers.ADJUSTMENT},
    replay=_adjusted_again,
    audit="points.adjusted",
)
def adjust(uow: UnitOfWork, call: Call, member_id: str) -> Answer:
    """Give a member points at the district's cost, or take some of the spendable ones, with a reason."""
    member_id = members.find_member(uow, member_id).id
    row, balance = adjusting.adjust(uow, member_id, **call.body)
    figures = balance.as_figures()
    body = {**show_adjustment(row), "balance": figures}
    return Answer(body, 201, stored={"adjustment_id": row.id, "balance": figures})
