"""How a member's points, their movements and adjustments are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.districts import queries as districts
from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import list_answer
from app.ledger.rules import account_id
from app.members import queries as members
from app.points.purses import queries
from app.points.purses.lifetimes import last_day
from app.points.purses.models import Adjustment
from app.points.purses.posting import ASSET
from app.points.tiers.present import next_tier_of

SOURCES = {
    "sale": "txn",
    "refund": "rfd",
    "coupon": "cpn",
    "coupon-void": "cvd",
    "expiry": "jou",
    "adjustment": "adj",
    "merge": "mrg",
    "erasure": "ers",
}
"""What moves points, by kind: the prefix of its id."""


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


def show_entries(uow: UnitOfWork, member_ids: Sequence[str]) -> list[dict[str, Any]]:
    """All movements of members' points, newest first; each member's are numbered, and balanced, by themselves."""
    accounts = [account_id(ASSET, "member", one) for one in member_ids]
    rows = [
        row for one in accounts for row in queries.entries(uow, one, above=0, below=1 << 62, limit=None, newest=True)
    ]
    return [show_entry(row) for row in sorted(rows, key=lambda row: row.recorded_at, reverse=True)]


def newest_entries(uow: UnitOfWork, member_id: str, *, below: int, limit: int) -> list[queries.Entry]:
    """A member's movements before a number, newest first."""
    account = account_id(ASSET, "member", member_id)
    return queries.entries(uow, account, above=0, below=below, limit=limit, newest=True)


def show_entry(row: queries.Entry) -> dict[str, Any]:
    """A movement of points as the API shows it."""
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


def page_of_entries(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of all members' movements, newest first, each with whose it is; `place` is its cursor."""
    journal, _, line = (query.get("starting_after") or "").partition("-")
    before = (journal, int(line)) if journal else queries.LAST_ENTRY
    found = queries.entries_of_all(uow, before, query["limit"] + 1)
    data = [
        {**show_entry(one.entry), "place": f"{one.place[0]}-{one.place[1]}", "member_id": one.member_id}
        for one in found[: query["limit"]]
    ]
    return list_answer(data, has_more=len(found) > len(data))


def show_adjustment(row: Adjustment) -> dict[str, Any]:
    """An adjustment as the API shows it."""
    return {
        "object": "adjustment",
        "id": row.id,
        "member_id": row.member_id,
        "points": row.points,
        "reason": row.reason,
        "merchant_id": row.merchant_id,
        "actor_id": row.principal_id,
        "recorded_at": format_instant(row.recorded_at),
    }


def show_adjustments(uow: UnitOfWork, member_ids: Sequence[str]) -> list[dict[str, Any]]:
    """All that was adjusted by hand for members, oldest first."""
    return [show_adjustment(row) for row in queries.adjustments(uow, member_ids)]
