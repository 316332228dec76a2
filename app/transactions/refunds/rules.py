"""A refund as a value: what a merchant sent, what is recorded of it, and how much of a sale goes back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple

import orjson

from app.transactions.reports import RefundReport
from app.transactions.sales.record import Record, SoFar


class Share(NamedTuple):
    """What one refund gives back: money and discount in minor units, and the number of spent points."""

    money: int
    discount: int
    restored: int


@dataclass(slots=True)
class Refund:
    """A refund as it stands in the table; ids with their prefixes, amounts in minor units, instants in UTC.

    `by_coupon`: True where nobody but a coupon named the sale's buyer.
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
    by_coupon: bool | None = None


COLUMNS = tuple(item.name for item in fields(Refund))
PREFIXES = {
    "id": "rfd_",
    "transaction_id": "txn_",
    "merchant_id": "mer_",
    "member_id": "mem_",
    "principal_id": "key_",
}


def share_of(record: Record, before: SoFar, amount: int) -> Share:
    """What a refund of `amount` of a sale's bill gives back: each `floor(part × R / A)` less what was given before."""
    after = before.amount + amount

    def part(whole: int, given: int) -> int:
        return whole * after // record.amount - given

    return Share(
        part(record.paid_amount, before.money),
        part(record.discount_amount, before.discount),
        part(record.points_spent, before.restored),
    )


def print_of_refund(report: RefundReport, transaction_id: str) -> bytes:
    """16 bytes of everything in a refund but its reference; a sale is the same by id and by reference."""
    values = [transaction_id, report.amount, report.eligible_amount, report.occurred_at, report.reason]
    return hashlib.blake2b(orjson.dumps(values, option=orjson.OPT_UTC_Z), digest_size=16).digest()
