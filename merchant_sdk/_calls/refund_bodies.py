"""The body of a refund as a caller gives it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Required, TypedDict

from merchant_sdk._calls.visible import check_visible
from merchant_sdk._http.wire import encode_fields

AMOUNTS = ("amount", "eligible_amount")


class ReturnedItem(TypedDict, total=False):
    """Units of an item that come back: `line` is its place in the sale's `items`, from 0; `quantity` 1 if left out."""

    line: Required[int]
    quantity: int


class RefundFields(TypedDict, total=False):
    """All of a refund but its reference. What is left out or None, the server fills in.

    The sale is named by `transaction_id` or by `transaction_reference`, the number it was reported under (with a
    district's key together with `merchant_id`). `amount` in fen: the part of the bill that is given back, before
    coupons and points; `eligible_amount`: what of it had earned. `occurred_at`: aware, the present if left out.
    `items`: what comes back, if the sale has items; then `amount` is what they cost on the bill, and what coupons took
    from them comes back with them. Without items everything goes back in proportion.
    """

    transaction_id: str | None
    transaction_reference: str | None
    merchant_id: str | None
    amount: Required[int]
    eligible_amount: int | None
    occurred_at: datetime | str | None
    reason: str | None
    items: Sequence[ReturnedItem] | None


class RefundBody(RefundFields, total=False):
    """A refund. `reference`: the till's own number, unique among the merchant's refunds; again it never counts twice."""

    reference: Required[str]


class OfflineRefund(RefundFields, total=False):
    """A refund for an OfflineQueue, which makes up a reference and takes the present as `occurred_at` if left out."""

    reference: str | None


def check_offline(refund: Mapping[str, object]) -> None:
    """Raises TypeError for a refund without an amount, or that doesn't name its sale by one text; ValueError for
    references that can't be seen.
    """
    if refund.get("amount") is None:
        raise TypeError("amount: needed, in fen")
    named = [refund[name] for name in ("transaction_id", "transaction_reference") if refund.get(name) is not None]
    if len(named) != 1 or not isinstance(named[0], str):
        raise TypeError("transaction_id or transaction_reference: one of them is needed, a text")
    check_visible(refund, ("reference", "transaction_reference"))


def body_of(refund: Mapping[str, object]) -> dict[str, Any]:
    """A refund as JSON. Raises TypeError for an amount that is no int, ValueError for a naive datetime."""
    return encode_fields(refund, AMOUNTS)
