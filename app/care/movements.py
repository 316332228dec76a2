"""Movements of points as people read them: what, where, for how much, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.points.present import newest_entries
from app.points.purses import queries as purses
from app.points.purses.queries import Entry
from app.transactions.sales import queries as sales
from app.transactions.sales.present import show_sale_rows

_SALE_WORDS: Mapping[str, Words] = {
    "earn": _l("Purchase"),
    "spend": _l("Points used"),
    "reverse": _l("Refund: points taken back"),
    "restore": _l("Refund: points given back"),
    "expire": _l("Points that ended"),
    "adjust": _l("Corrected by the district"),
}
_SOURCE_WORDS: Mapping[tuple[str, str], Words] = {
    ("coupon", "spend"): _l("Coupon for points"),
    ("coupon-void", "restore"): _l("Coupon taken back"),
    ("merge", "adjust"): _l("From another membership of yours"),
}


class Movement(NamedTuple):
    """One movement, of a sale where it has a `sale_id`. `why`: the lines of its explanation; `reason`: what the district
    wrote of a correction.
    """

    sequence: int
    what: Words
    points: int
    balance_after: int
    shop: str | None
    occurred_at: datetime
    amount: int | None = None
    paid: int | None = None
    why: Sequence[Mapping[str, Any]] = ()
    reason: str | None = None
    waits_until: datetime | None = None
    sale_id: str | None = None


def movements_of(uow: UnitOfWork, member_id: str, *, below: int, limit: int, explained: bool = True) -> list[Movement]:
    """Movements before a number, newest first."""
    entries = newest_entries(uow, member_id, below=below, limit=limit)
    names = districts.merchant_names(uow) if entries else {}
    bills = _bills(uow, entries) if explained else {}
    reasons = _reasons(uow, member_id, entries) if explained else {}
    return [_movement(one, names, bills.get(one.source_id, {}), reasons.get(one.source_id)) for one in entries]


def _bills(uow: UnitOfWork, entries: Sequence[Entry]) -> dict[str, dict[str, Any]]:
    """By the digits of a sale's id what stands on its bill, for the member and for who acts for the shop."""
    ids = {f"txn_{one.source_id}" for one in entries if one.source_kind == "sale"}
    own = [one for one in sales.records(uow, ids).values() if uow.principal.acts_for(one.merchant_id, one.store_id)]
    shown = show_sale_rows(uow, own) if own else []
    return {one["id"].removeprefix("txn_"): one for one in shown}


def _reasons(uow: UnitOfWork, member_id: str, entries: Sequence[Entry]) -> dict[str, str]:
    if uow.principal.merchant_id or not any(one.source_kind == "adjustment" for one in entries):
        return {}
    return {row.id.removeprefix("adj_"): row.reason for row in purses.adjustments(uow, [member_id])}


def _movement(entry: Entry, names: Mapping[str, str], bill: Mapping[str, Any], reason: str | None) -> Movement:
    fallback = _SALE_WORDS.get(entry.code, _l("Points"))
    is_of_shop = entry.code != "adjust"
    is_earned = entry.code == "earn" and bool(bill)
    return Movement(
        entry.sequence,
        _SOURCE_WORDS.get((entry.source_kind, entry.code), fallback),
        entry.points,
        entry.balance_after,
        names.get(entry.merchant_id or "") if is_of_shop else None,
        entry.occurred_at,
        bill.get("amount"),
        bill.get("paid_amount"),
        bill["explanation"] if is_earned else (),
        reason,
        bill["available_at"] if is_earned else None,
        f"txn_{entry.source_id}" if entry.source_kind == "sale" else None,
    )
