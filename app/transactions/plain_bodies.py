"""A quick yes to sales that are plainly valid; everything else is the schema's to judge.

marshmallow takes some 60 µs a sale, as long as all the rest of a bulk report. `accept` either gives exactly what
`schemas.SALE` would load, or None, which says nothing: a property test holds the two together.
"""

from __future__ import annotations

import re
from typing import Any

from app.foundation.characters import hides
from app.foundation.clock import parse_instant
from app.foundation.figures.money import MAX_AMOUNT
from app.transactions.reports import SaleReport

MOST_COUPONS = 20
"""Coupons on one bill."""
_VISIBLE = re.compile(r"[!-~]{1,128}")
_STORE = re.compile(r"str_[0-9a-f]{32}")
_STORE_CODE = re.compile(r"[!-~]{1,40}")
_CODE = re.compile(r"[0-9]{1,60}")
_TOKEN = re.compile(r"[!-~]{1,200}")
_MEMBER = re.compile(r"mem_[0-9a-f]{32}")
_DEFAULTS: dict[str, Any] = {
    "store_id": None,
    "store_code": None,
    "member_id": None,
    "member_code": None,
    "presence_token": None,
    "phone": None,
    "eligible_amount": None,
    "currency": None,
    "points_to_spend": 0,
    "occurred_at": None,
    "channel": None,
    "payment_method": None,
    "payment_reference": None,
}
_KNOWN = frozenset(_DEFAULTS) | {"reference", "amount", "coupons", "items", "metadata"}
_ITEM_DEFAULTS: dict[str, Any] = {"sku": None, "name": None, "category": None, "quantity": 1}
_ITEM_KNOWN = frozenset(_ITEM_DEFAULTS) | {"amount"}


def accept(sale: Any) -> SaleReport | None:
    """A valid sale as the schema loads it, or None where that takes a closer look."""
    if type(sale) is not dict or not _KNOWN.issuperset(sale):
        return None
    body = {**_DEFAULTS, **sale}
    try:
        if not (
            _matches(_VISIBLE, body["reference"])
            and _is_amount(body["amount"])
            and (body["eligible_amount"] is None or _is_amount(body["eligible_amount"]))
            and (body["store_id"] is None or _matches(_STORE, body["store_id"]))
            and (body["member_id"] is None or _matches(_MEMBER, body["member_id"]))
            and (body["store_code"] is None or _matches(_STORE_CODE, body["store_code"]))
            and (body["currency"] is None or (_is_text(body["currency"], 3) and len(body["currency"]) == 3))
            and (body["channel"] is None or _is_text(body["channel"], 40))
            and (body["payment_method"] is None or _is_text(body["payment_method"], 40))
            and (body["payment_reference"] is None or _matches(_VISIBLE, body["payment_reference"]))
            and body["phone"] is None
            and (body["member_code"] is None or _matches(_CODE, body["member_code"]))
            and (body["presence_token"] is None or _matches(_TOKEN, body["presence_token"]))
            and (body["member_id"], body["member_code"], body["presence_token"]).count(None) >= 2
            and _is_amount(body["points_to_spend"])
            and not (body["store_id"] and body["store_code"])
        ):
            return None
        if body["occurred_at"] is not None:
            body["occurred_at"] = parse_instant(body["occurred_at"])
    except (KeyError, TypeError, ValueError):
        return None
    return _with_lists(body)


def _with_lists(body: dict[str, Any]) -> SaleReport | None:
    coupons = body.setdefault("coupons", [])
    if type(coupons) is not list or not (coupons == [] or _are_codes(coupons)):
        return None
    if not _is_metadata(body.setdefault("metadata", {})):
        return None
    body["metadata"] = dict(body["metadata"])
    items = body.setdefault("items", [])
    if type(items) is not list or len(items) > 500:
        return None
    accepted = []
    for item in items:
        one = accept_item(item)
        if one is None:
            return None
        accepted.append(one)
    body["items"] = accepted
    return SaleReport(**body)


def _are_codes(values: list[Any]) -> bool:
    return len(values) <= MOST_COUPONS and all(_is_text(value, 40) for value in values)


def _is_metadata(value: Any) -> bool:
    if type(value) is not dict or len(value) > 50:
        return False
    return not value or all(_is_text(key, 40) and (text == "" or _is_text(text, 500)) for key, text in value.items())


def accept_item(item: Any) -> dict[str, Any] | None:
    """A valid item as the schema loads it, or None for one that is not valid: a body may hold half a million of them."""
    if type(item) is not dict or not _ITEM_KNOWN.issuperset(item):
        return None
    whole = {**_ITEM_DEFAULTS, **item}
    if whole["quantity"] is None:
        whole["quantity"] = 1
    quantity = whole["quantity"]
    if (
        type(quantity) is int
        and 1 <= quantity <= 1_000_000
        and _is_amount(whole.get("amount"))
        and (whole["name"] is None or _is_any_text(whole["name"], 200))
        and (whole["sku"] is None or _is_any_text(whole["sku"], 100))
        and (whole["category"] is None or _is_any_text(whole["category"], 100))
    ):
        return whole
    return None


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return type(value) is str and pattern.fullmatch(value) is not None


def _is_amount(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_AMOUNT


def _is_text(value: Any, most: int) -> bool:
    return type(value) is str and 1 <= len(value) <= most and value.isprintable()


def _is_any_text(value: Any, most: int) -> bool:
    return type(value) is str and 1 <= len(value) <= most and not hides(value)
