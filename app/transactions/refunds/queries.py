"""Reading refunds: by id, by receipt, lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import Packed, id_array, text_array
from app.foundation.database.unit_of_work import Row, UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound
from app.transactions.refunds.rules import COLUMNS, PREFIXES, Refund
from app.transactions.sales import queries

Pair = tuple[str, str]
_COLUMNS = ", ".join(f"r.{name}" for name in COLUMNS)
_BY_REFERENCE = f"""
    SELECT {_COLUMNS} FROM unnest(%(merchants)s::uuid[], %(references)s::text[]) AS k (merchant, reference)
    JOIN refunds AS r ON r.district_id = %(district)s AND r.merchant_id = k.merchant AND r.reference = k.reference
"""
SALES_OF_REFUNDS = """
    SELECT r.id, r.transaction_id, r.merchant_id FROM refunds AS r WHERE r.district_id = %(district)s
"""
"""Which sales refunds are of."""
_SALES = """
    SELECT t.merchant_id, t.reference, t.id FROM unnest(%(merchants)s::uuid[], %(references)s::text[])
        AS k (merchant, reference)
    JOIN transactions AS t ON t.district_id = %(district)s AND t.merchant_id = k.merchant AND t.reference = k.reference
"""


def ask_by_reference(uow: UnitOfWork, pairs: Iterable[Pair]) -> Asked[dict[Pair, Refund]]:
    """Sends the question for refunds by (merchant id, reference); call the result for them."""
    cursor = uow.execute(_BY_REFERENCE, _pairs(uow, pairs))
    return lambda: {(one.merchant_id, one.reference): one for one in map(refund_of, cursor.fetchall())}


def sales_of_references(uow: UnitOfWork, pairs: Iterable[Pair]) -> dict[Pair, str]:
    """Sales' ids by (merchant id, reference)."""
    return {
        (f"mer_{merchant}", reference): f"txn_{sale}"
        for merchant, reference, sale in uow.rows(_SALES, _pairs(uow, pairs))
    }


def _pairs(uow: UnitOfWork, pairs: Iterable[Pair]) -> dict[str, Packed | str | None]:
    both = list(pairs)
    return {
        "district": hex_of(uow.district_id),
        "merchants": id_array([merchant for merchant, _ in both]),
        "references": text_array([reference for _, reference in both]),
    }


def refund_of(row: Row) -> Refund:
    """The refund of a row with COLUMNS."""
    named = zip(COLUMNS, row, strict=True)
    return Refund(*(PREFIXES[name] + value if value and name in PREFIXES else value for name, value in named))


def find_refund(uow: UnitOfWork, refund_id: str) -> Refund:
    """A refund of a sale that the principal may see. Raises NotFound."""
    query = f"SELECT {_COLUMNS} FROM refunds AS r WHERE r.district_id = %s AND r.id = %s"
    rows = uow.rows(query, (hex_of(uow.district_id), hex_of(refund_id)))
    if not rows:
        raise NotFound
    refund = refund_of(rows[0])
    queries.find_sale(uow, refund.transaction_id)
    return refund


def refunds(uow: UnitOfWork, refund_ids: Iterable[str]) -> dict[str, Refund]:
    """Refunds by id."""
    query = f"SELECT {_COLUMNS} FROM refunds AS r WHERE r.district_id = %s AND r.id = ANY(%s::uuid[])"
    rows = uow.rows(query, (hex_of(uow.district_id), id_array(list(refund_ids))))
    return {one.id: one for one in map(refund_of, rows)}


_FILTERS = {
    "transaction_id": "r.transaction_id = %(transaction_id)s",
    "merchant_id": "r.merchant_id = %(merchant_id)s",
    "reference": "r.reference = %(reference)s",
    "member_id": "EXISTS (SELECT FROM transactions AS t WHERE t.district_id = %(district)s AND t.id = r.transaction_id "
    "AND t.member_id = %(member_id)s)",
    "starting_after": "r.id < %(starting_after)s",
    "ending_before": "r.id > %(ending_before)s",
}
_OWN = {
    "merchant": "r.merchant_id = %(own_merchant)s",
    "store": "EXISTS (SELECT FROM transactions AS t WHERE t.district_id = %(district)s AND t.id = r.transaction_id "
    "AND t.store_id = %(own_store)s)",
}


def listed(uow: UnitOfWork, filters: Mapping[str, Any], limit: int | None) -> list[Refund]:
    """Refunds that the principal may see, newest first (oldest first before a cursor); one more than `limit`, or all."""
    values: dict[str, Any] = {
        name: value if name == "reference" else hex_of(value)
        for name, value in filters.items()
        if value is not None and name in _FILTERS
    }
    conditions = ["r.district_id = %(district)s", *(_FILTERS[name] for name in values)]
    principal = uow.principal
    if principal.merchant_id and "member_id" in values:
        conditions.append("r.by_coupon IS NULL")
    for kind, own in (("merchant", principal.merchant_id), ("store", principal.store_id)):
        if own:
            conditions.append(_OWN[kind])
            values[f"own_{kind}"] = hex_of(own)
    direction = "ASC" if "ending_before" in values else "DESC"
    query = f"SELECT {_COLUMNS} FROM refunds AS r WHERE {' AND '.join(conditions)} ORDER BY r.id {direction} LIMIT %(limit)s"
    rows = uow.rows(query, {**values, "district": hex_of(uow.district_id), "limit": limit and limit + 1})
    return [refund_of(row) for row in rows]
