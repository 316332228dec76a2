"""Rows of evidence as values, and how they are added: each in the commit of what it tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from app.coupons.vouchers.chain import Kind
from app.foundation.clock import format_instant
from app.foundation.database.sql_arrays import id_array, number_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.figures.chains import canonical
from app.foundation.ids import new_id

_COLUMNS = {
    "ids": "uuid",
    "campaigns": "uuid",
    "redemptions": "uuid",
    "kinds": "text",
    "contents": "text",
    "amounts": "bigint",
    "discounts": "bigint",
    "governments": "bigint",
    "tills": "uuid",
    "stores": "uuid",
    "members": "uuid",
    "days": "date",
    "at_minimum": "boolean",
}
_INSERT = f"""
    INSERT INTO evidence (district_id, id, campaign_id, redemption_id, kind, content, amount, discount_amount,
                          government_amount, till, store_id, member_id, day, is_at_minimum)
    VALUES (%(district)s::uuid, {unnested(**_COLUMNS)})
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """What screening counts of a voucher that was redeemed; `day` is the local day of its recording."""

    till: str
    store_id: str
    member_id: str | None
    day: date
    is_at_minimum: bool


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row of evidence that no chain has yet; `content` as the authority gets it."""

    kind: Kind
    content: dict[str, Any]
    counted: Counted | None = None


def followed_by(first: str, kind: Kind, **changes: Any) -> NewRow:
    """What happened to a voucher after the row of its redemption: the same, but for what has changed."""
    return NewRow(kind, {**orjson.loads(first), "kind": kind, **changes})


def when_and_who(uow: UnitOfWork, occurred_at: datetime, by: str) -> dict[str, str]:
    """When something happened, when it was recorded, and which key reported it."""
    return {
        "occurred_at": format_instant(occurred_at),
        "recorded_at": format_instant(uow.now),
        "reported_by": by,
    }


def add_rows(uow: UnitOfWork, rows: Sequence[NewRow]) -> None:
    """Adds rows, to be linked in this order."""
    if not rows:
        return
    contents, counted = [row.content for row in rows], [row.counted for row in rows]
    uow.write(
        _INSERT,
        {
            "ids": id_array([new_id("evi") for _ in rows]),
            "campaigns": id_array([one["campaign_id"] for one in contents]),
            "redemptions": id_array([one["redemption_id"] for one in contents]),
            "kinds": text_array([row.kind for row in rows]),
            "contents": text_array([canonical(one) for one in contents]),
            "amounts": number_array([one["amount"] for one in contents]),
            "discounts": number_array([one["discount_amount"] for one in contents]),
            "governments": number_array([one["government_amount"] for one in contents]),
            "tills": id_array([None if one is None else one.till for one in counted]),
            "stores": id_array([None if one is None else one.store_id for one in counted]),
            "members": id_array([None if one is None else one.member_id for one in counted]),
            "days": text_array([None if one is None else one.day.isoformat() for one in counted]),
            "at_minimum": text_array([None if one is None else str(one.is_at_minimum) for one in counted]),
        },
    )
