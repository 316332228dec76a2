"""`/v1/programme`, `/v1/rule-sets`, and a member's points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.districts import queries as districts
from app.foundation.clock import format_instant
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Room
from app.foundation.pagination import list_answer
from app.foundation.unit_of_work import UnitOfWork
from app.ledger.rules import account_id
from app.members import queries as members
from app.members.errors import MemberUnproven
from app.points import adjusting, answers, schemas
from app.points.programme.api import programme, rule_sets
from app.points.purses import queries
from app.points.purses.lifetimes import last_day
from app.points.purses.models import Adjustment
from app.points.purses.posting import ASSET
from app.points.tiers.api import tiers
from app.points.tiers.present import next_tier_of

member_points = Room("member_points", __name__, url_prefix="/v1/members/<mem:member_id>/points")
SOURCES = {"sale": "txn", "refund": "rfd", "expiry": "jou", "adjustment": "adj", "merge": "mrg", "erasure": "ers"}
"""What moves points, by kind: the prefix of its id."""
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


def show_points(uow: UnitOfWork, member_id: str) -> dict[str, Any]:
    """A member's points as the API shows them. Raises NotFound, MemberUnproven."""
    member_id = members.find_readable(uow, member_id).id
    zone = districts.directory(uow).zone
    balance = queries.balance(uow, member_id)
    expiring = [
        {"on": last_day(ends_at, zone).isoformat(), "points": points}
        for ends_at, points in queries.expiring(uow, member_id)
    ]
    lifetime = queries.lifetime(uow, member_id)
    figures = {**balance.as_figures(), "spendable": balance.spendable, "spend_locked": balance.is_spend_locked}
    rests_until = balance.rests_until(uow.now)
    return {
        "object": "points",
        "member_id": member_id,
        **figures,
        "spending_rests_until": rests_until and format_instant(rests_until),
        "expiring": expiring,
        "lifetime": lifetime,
        "next_tier": next_tier_of(uow, member_id),
    }


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
    return Answer(list_answer([_present_entry(row) for row in rows], has_more=has_more))


def show_entries(uow: UnitOfWork, member_ids: Sequence[str]) -> list[dict[str, Any]]:
    """All movements of members' points, newest first; each member's are numbered, and balanced, by themselves."""
    accounts = [account_id(ASSET, "member", one) for one in member_ids]
    rows = [
        row for one in accounts for row in queries.entries(uow, one, above=0, below=1 << 62, limit=None, newest=True)
    ]
    return [_present_entry(row) for row in sorted(rows, key=lambda row: row.recorded_at, reverse=True)]


def _present_entry(row: queries.Entry) -> dict[str, Any]:
    return {
        "object": "points_entry",
        "id": str(row.sequence),
        "code": row.code,
        "points": row.points,
        "balance_after": row.balance_after,
        "source": {"kind": row.source_kind, "id": f"{SOURCES[row.source_kind]}_{row.source_id}"},
        "merchant_id": row.merchant_id,
        "occurred_at": format_instant(row.occurred_at),
        "recorded_at": format_instant(row.recorded_at),
    }


def _present_adjustment(row: Adjustment) -> dict[str, Any]:
    return {
        "object": "adjustment",
        "id": row.id,
        "member_id": row.member_id,
        "points": row.points,
        "reason": row.reason,
        "actor_id": row.principal_id,
        "recorded_at": format_instant(row.recorded_at),
    }


def show_adjustments(uow: UnitOfWork, member_ids: Sequence[str]) -> list[dict[str, Any]]:
    """All that was adjusted by hand for members, oldest first."""
    return [_present_adjustment(row) for row in queries.adjustments(uow, member_ids)]


def _adjusted_again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    row = queries.find_adjustment(uow, stored["adjustment_id"])
    return {**_present_adjustment(row), "balance": stored["balance"]}


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
    body = {**_present_adjustment(row), "balance": figures}
    return Answer(body, 201, stored={"adjustment_id": row.id, "balance": figures})
