"""Refunds written as one set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app.foundation.database.sql_arrays import (
    Packed,
    bytes_array,
    id_array,
    instant_array,
    json_array,
    number_array,
    text_array,
    unnested,
)
from app.foundation.database.unit_of_work import UnitOfWork
from app.transactions.refunds.rules import COLUMNS, PREFIXES, Refund

_TYPES = {
    **dict.fromkeys(PREFIXES, "uuid"),
    **dict.fromkeys(("reference", "reason"), "text"),
    "body_print": "bytea",
    "occurred_at": "timestamptz",
    **dict.fromkeys(("items", "discounts"), "jsonb"),
    "by_coupon": "boolean",
}
_ARRAYS: dict[str, Callable[[Sequence[Any]], Packed | str | None]] = {
    "uuid": id_array,
    "text": text_array,
    "bytea": bytes_array,
    "timestamptz": instant_array,
    "jsonb": json_array,
}
_SET = tuple(name for name in COLUMNS if name != "recorded_at")
_INSERT = f"""
    INSERT INTO refunds (district_id, recorded_at, {", ".join(_SET)})
    VALUES (%(district)s::uuid, %(now)s::timestamptz,
            {unnested(**{name: _TYPES.get(name, "bigint") for name in _SET})})
"""
_REFUNDED = """
    UPDATE transactions AS t SET refunded_amount = n.refunded
    FROM unnest(%(sales)s::uuid[], %(refunded)s::bigint[]) AS n (id, refunded)
    WHERE t.district_id = %(district)s::uuid AND t.id = n.id
"""


def insert_refunds(uow: UnitOfWork, new: Sequence[Refund], refunded: dict[str, int]) -> None:
    """Adds refunds, and writes how much of each sale's bill (by id) has been given back."""
    if not new:
        return
    columns = {name: [getattr(one, name) for one in new] for name in _SET}
    uow.write(
        _INSERT,
        {name: _ARRAYS.get(_TYPES.get(name, ""), number_array)(values) for name, values in columns.items()},
    )
    uow.write(_REFUNDED, {"sales": id_array(list(refunded)), "refunded": number_array(list(refunded.values()))})
