"""What is reported of sales and refunds, checked, as values.

The schemas make them, the quick path of `plain_bodies` too; a page, a till or a channel makes one for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.foundation.database.idempotency import LATER

BUYERS = ("member_id", "member_code", "presence_token", "phone")
"""Ways to name the buyer of a sale: one at most."""


@dataclass(slots=True)
class SaleReport:
    """A sale as it is reported. Amounts in minor units; instants in UTC, None for the present; `phone` in E.164.

    The store, by id or by code, may be left to the key. `items` are as the API shows them.
    """

    reference: str
    amount: int
    store_id: str | None = None
    store_code: str | None = None
    member_id: str | None = None
    member_code: str | None = None
    presence_token: str | None = None
    phone: str | None = None
    eligible_amount: int | None = None
    currency: str | None = None
    coupons: list[str] = field(default_factory=list)
    points_to_spend: int = 0
    occurred_at: datetime | None = None
    channel: str | None = None
    payment_method: str | None = None
    payment_reference: str | None = None
    items: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def buyer_named_by(self) -> str | None:
        """The field that names the buyer."""
        if self.member_id:  # nearly always
            return "member_id"
        for name in BUYERS:
            if getattr(self, name):
                return name
        return None


@dataclass(slots=True)
class BillReport:
    """A bill for which a coupon is redeemed before its sale is reported. Amounts in minor units."""

    reference: str
    amount: int
    store_id: str | None = None
    channel: str | None = None
    items: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class BillQuestion:
    """What coupons would take off a bill; its reference is empty where it has none yet. `best`: of the member's own."""

    report: SaleReport
    best: bool = False


@dataclass(slots=True)
class RefundReport:
    """A refund as it is reported, of a sale by its id or by its reference. `amount` is of the bill, in minor units.

    `items` are as the API shows them: places of the sale's items, and how many units of each come back.
    """

    reference: str
    amount: int
    transaction_id: str | None = None
    transaction_reference: str | None = None
    merchant_id: str | None = None
    eligible_amount: int | None = None
    occurred_at: datetime | None = None
    reason: str | None = None
    items: list[dict[str, int]] = field(default_factory=list, metadata=LATER)

    @property
    def returned(self) -> list[tuple[int, int]]:
        """Its items: the place of each, and how many units of it come back."""
        return [(one["line"], one["quantity"]) for one in self.items]


def units_of(items: Iterable[Mapping[str, int]]) -> dict[int, int]:
    """How many units come back by items of refunds, by the places of the sale's items."""
    units: dict[int, int] = {}
    for one in items:
        units[one["line"]] = units.get(one["line"], 0) + one["quantity"]
    return units
