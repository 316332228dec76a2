"""A refund as a value: what a merchant sent, what is recorded of it, and how much of a sale goes back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from app.coupons.bill.giving_back import Paid, discount_by_units, discount_in_proportion, paid_back
from app.coupons.bill.lines import Line
from app.coupons.redeeming.refunding import CouponOfSale
from app.transactions.reports import RefundReport, units_of
from app.transactions.sales.record import Record, SoFar


class Share(NamedTuple):
    """What one refund gives back: money and discount in minor units, and the number of spent points.

    `returned`: what has come back of each coupon's discount with it, in all.
    """

    money: int
    discount: int
    restored: int
    returned: Sequence[int] = ()


@dataclass(slots=True)
class Refund:
    """A refund as it stands in the table; ids with their prefixes, amounts in minor units, instants in UTC.

    `by_coupon`: True where nobody but a coupon named the sale's buyer. `discounts`: what of `discount_reversed` each campaign
    had given, by its id; None where the sale had no coupons. `merchant_returned`: what the merchant gets back of the points
    that it has paid: of `merchant_reversed` what had neither ended nor was forgiven.
    """

    id: str
    transaction_id: str
    merchant_id: str
    member_id: str | None
    reference: str
    body_print: bytes
    amount: int
    eligible_amount: int | None
    money_amount: int
    discount_reversed: int
    points_reversed: int
    merchant_reversed: int
    points_lapsed: int
    points_taken: int
    points_owed: int
    points_forgiven: int
    points_restored: int
    reason: str | None
    principal_id: str
    occurred_at: datetime
    recorded_at: datetime
    items: list[dict[str, int]] | None = None
    by_coupon: bool | None = None
    discounts: dict[str, int] | None = None
    merchant_returned: int = 0

    @property
    def district_returned(self) -> int:
        """What the district gets back of the points that it has paid."""
        return self.points_reversed - self.points_lapsed - self.points_forgiven - self.merchant_returned


COLUMNS = tuple(item.name for item in fields(Refund))
PREFIXES = {
    "id": "rfd_",
    "transaction_id": "txn_",
    "merchant_id": "mer_",
    "member_id": "mem_",
    "principal_id": "key_",
}


def share_of(record: Record, coupons: Sequence[CouponOfSale], before: SoFar, after: SoFar, *, by_items: bool) -> Share:
    """What a refund gives back that leads from some sums to others: of all, what is left; else in proportion, each
    `floor(part × R / A)` less what was given before, or what its items were sold for.
    """
    paid = Paid(record.paid_amount, record.points_spent, record.points_amount)
    if after.amount == record.amount:
        back, returned = paid, [one.discount for one in coupons]
    elif by_items:
        items = lines_of(record)
        returned = [discount_by_units(items, one.taken, after.units) for one in coupons]
        back = paid_back(paid, after.amount - sum(returned), Paid(before.money, before.restored))
    else:
        money, points = (part * after.amount // record.amount for part in (paid.money, paid.points))
        back = Paid(money, points)
        returned = [discount_in_proportion(one.discount, record.amount, after.amount) for one in coupons]
    return Share(back.money - before.money, sum(returned) - before.discount, back.points - before.restored, returned)


def lines_of(record: Record) -> list[Line]:
    """The items of a sale, as its coupons saw them."""
    return [Line(one["amount"], one["quantity"], one["sku"], one["category"]) for one in record.items or ()]


def print_of_refund(report: RefundReport, transaction_id: str) -> bytes:
    """16 bytes of everything in a refund but its reference; a sale is the same by id and by reference."""
    values: list[Any] = [transaction_id, report.amount, report.eligible_amount, report.occurred_at, report.reason]
    if report.items:
        values.append(sorted(units_of(report.items).items()))
    return hashlib.blake2b(orjson.dumps(values, option=orjson.OPT_UTC_Z), digest_size=16).digest()
