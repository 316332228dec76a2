"""Sales written as one set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
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
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.foundation.ids import hex_of
from app.points.earning.outcomes import packed
from app.transactions.sales.record import COLUMNS, PREFIXES, Record

_TYPES = {
    **dict.fromkeys(PREFIXES, "uuid"),
    **dict.fromkeys(("reference", "currency", "rounding", "channel", "payment_method", "payment_reference"), "text"),
    **dict.fromkeys(("body_print", "member_print", "phone_index", "claim_hash"), "bytea"),
    **dict.fromkeys(("facts", "outcomes", "items", "metadata", "coupons"), "jsonb"),
    **dict.fromkeys(("available_at", "expires_at", "claimed_at", "occurred_at"), "timestamptz"),
    "rule_set_version": "integer",
    "by_coupon": "boolean",
}
_SET = tuple(name for name in COLUMNS if name != "recorded_at")
_values = attrgetter(*_SET)


def _json_array(values: Sequence[Any]) -> Packed | None:
    return json_array([value or None for value in values])


def _outcomes_array(values: Sequence[Any]) -> Packed | None:
    return json_array([None if value is None else packed(value) for value in values])


_MAKERS: dict[str, Callable[[Sequence[Any]], Packed | str | None]] = {
    "uuid": id_array,
    "text": text_array,
    "bytea": bytes_array,
    "timestamptz": instant_array,
    "jsonb": _json_array,
}
_COLUMNS = tuple(
    (name, _outcomes_array if name == "outcomes" else _MAKERS.get(_TYPES.get(name, ""), number_array)) for name in _SET
)
_INSERT = f"""
    INSERT INTO transactions (district_id, recorded_at, {", ".join(_SET)})
    VALUES (%(district)s::uuid, %(now)s::timestamptz,
            {unnested(**{name: _TYPES.get(name, "bigint") for name in _SET})})
"""
_CLAIM = """
    UPDATE transactions AS t
    SET member_id = n.member, points_earned = n.points, merchant_funded = n.funded, available_at = n.available, expires_at = n.expires,
        rule_set_version = n.version, rounding = n.rounding, outcomes = n.outcomes, facts = n.facts,
        phone_index = n.phone, claimed_at = %(now)s
    FROM unnest(%(ids)s::uuid[], %(members)s::uuid[], %(points)s::bigint[], %(funded)s::bigint[], %(available)s::timestamptz[],
                %(expires)s::timestamptz[], %(versions)s::integer[], %(roundings)s::text[], %(outcomes)s::jsonb[],
                %(facts)s::jsonb[], %(phones)s::bytea[], %(refunded)s::bigint[])
        AS n (id, member, points, funded, available, expires, version, rounding, outcomes, facts, phone, refunded)
    WHERE t.district_id = %(district)s AND t.id = n.id AND t.member_id IS NULL AND t.refunded_amount = n.refunded
    RETURNING 1
"""
_WAIT = """
    UPDATE transactions AS t SET phone_index = n.phone
    FROM unnest(%(ids)s::uuid[], %(phones)s::bytea[]) AS n (id, phone)
    WHERE t.district_id = %(district)s AND t.id = n.id AND t.member_id IS NULL AND t.phone_index IS NULL
"""
_LOCK = "SELECT FROM transactions WHERE district_id = %(district)s AND id = ANY(%(ids)s::uuid[]) ORDER BY id FOR UPDATE"


def insert_sales(uow: UnitOfWork, records: Sequence[Record]) -> None:
    """Adds sales, in the order of their references, so that two sets that share some meet in one order."""
    if not records:
        return
    ordered = sorted(records, key=lambda record: (record.merchant_id, record.reference))
    columns = zip(*map(_values, ordered), strict=True)
    uow.write(_INSERT, {name: make(values) for (name, make), values in zip(_COLUMNS, columns, strict=True)})


def write_claims(uow: UnitOfWork, records: Sequence[Record]) -> None:
    """Writes the member and the award of sales that were unclaimed.

    Raises Overtaken if a neighbour was quicker, with a claim or with a refund that leaves less to be awarded.
    """
    if not records:
        return
    uow.execute(_LOCK, {"district": hex_of(uow.district_id), "ids": id_array([record.id for record in records])})
    written = uow.rows(
        _CLAIM,
        {
            "district": hex_of(uow.district_id),
            "now": uow.now,
            "ids": id_array([record.id for record in records]),
            "members": id_array([record.member_id for record in records]),
            "points": number_array([record.points_earned for record in records]),
            "funded": number_array([record.merchant_funded for record in records]),
            "available": instant_array([record.available_at for record in records]),
            "expires": instant_array([record.expires_at for record in records]),
            "versions": number_array([record.rule_set_version for record in records]),
            "roundings": text_array([record.rounding for record in records]),
            "outcomes": _outcomes_array([record.outcomes for record in records]),
            "facts": _json_array([record.facts for record in records]),
            "phones": bytes_array([record.phone_index for record in records]),
            "refunded": number_array([record.refunded_amount for record in records]),
        },
    )
    if len(written) != len(records):
        raise Overtaken


def wait_for_phones(uow: UnitOfWork, records: Sequence[Record]) -> None:
    """Lets unclaimed sales wait for the phones that they have now; one that has found a member or a phone meanwhile is left."""
    if not records:
        return
    ids = id_array([record.id for record in records])
    uow.execute(_LOCK, {"district": hex_of(uow.district_id), "ids": ids})
    phones = bytes_array([record.phone_index for record in records])
    uow.write(_WAIT, {"ids": ids, "phones": phones})
