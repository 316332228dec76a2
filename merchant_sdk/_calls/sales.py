"""The body of a sale as a caller gives it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Required, TypedDict

from merchant_sdk._calls.visible import check_visible
from merchant_sdk._http.wire import encode_fields

AMOUNTS = ("amount", "eligible_amount", "points_to_spend")


class SaleItem(TypedDict, total=False):
    """A line of the bill; `amount` in fen is that of the whole line, `quantity` from 1."""

    sku: str | None
    name: str | None
    category: str | None
    quantity: int
    amount: Required[int]


class SaleFields(TypedDict, total=False):
    """All of a sale but its reference. What is left out or None, the server fills in.

    `amount` in fen: the bill before coupons and points; `eligible_amount`: the part of it that may earn.
    `store_id` or `store_code`; neither with a store's key. `member_id`, `member_code`, `presence_token` or
    `phone`: one at most, none gives an unclaimed sale. `occurred_at`: aware, the present if left out.
    """

    amount: Required[int]
    store_id: str | None
    store_code: str | None
    member_id: str | None
    member_code: str | None
    presence_token: str | None
    phone: str | None
    eligible_amount: int | None
    currency: str | None
    coupons: Sequence[str] | None
    points_to_spend: int | None
    occurred_at: datetime | str | None
    channel: str | None
    payment_method: str | None
    payment_reference: str | None
    items: Sequence[SaleItem] | None
    metadata: Mapping[str, str] | None


class Sale(SaleFields, total=False):
    """A sale. `reference`: the till's own number, unique for the merchant; reported again it never counts twice."""

    reference: Required[str]


class Bill(SaleFields, total=False):
    """What a sale will be, before it is: it may have no reference yet."""

    reference: str | None


class OfflineSale(SaleFields, total=False):
    """A sale for an OfflineQueue, which makes up a reference and takes the present as `occurred_at` if left out.

    Without `points_to_spend` and `coupons`: only the server knows what there is to spend.
    """

    reference: str | None


def check_offline(sale: Mapping[str, object]) -> None:
    """Raises ValueError for what a sale can only do while the server answers, and for references that can't be seen;
    TypeError for a sale without an amount.
    """
    if sale.get("amount") is None:
        raise TypeError("amount: needed, in fen")
    check_visible(sale, ("reference", "payment_reference"))
    for name, what in (("points_to_spend", "points are spent"), ("coupons", "coupons are redeemed")):
        if sale.get(name):
            raise ValueError(
                f"{name}: {what} only while the server answers (client.transactions.report); offline, a sale only earns"
            )


def body_of(sale: Mapping[str, object]) -> dict[str, Any]:
    """A sale as JSON. Raises TypeError for an amount that is no int, ValueError for a naive datetime."""
    return encode_fields(sale, AMOUNTS)
