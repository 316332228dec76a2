"""What is recorded of a sale, as a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from app.points.earning.rule_sets import Outcome


@dataclass(slots=True)
class Record:
    """A sale as it stands in the table; ids with their prefixes, amounts in minor units, instants in UTC."""

    id: str
    merchant_id: str
    store_id: str
    member_id: str | None
    reference: str
    body_print: bytes
    member_print: bytes | None
    phone_index: bytes | None
    amount: int
    discount_amount: int
    points_spent: int
    points_amount: int
    paid_amount: int
    eligible_amount: int
    refunded_amount: int
    currency: str
    points_earned: int
    available_at: datetime | None
    expires_at: datetime | None
    rule_set_version: int | None
    rounding: str | None
    facts: dict[str, Any] | None
    outcomes: list[list[Any]] | None
    channel: str | None
    payment_method: str | None
    payment_reference: str | None
    payment_rank: int
    items: list[dict[str, Any]] | None
    metadata: dict[str, str] | None
    claim_hash: bytes | None
    claimed_at: datetime | None
    principal_id: str
    occurred_at: datetime
    recorded_at: datetime

    @property
    def status(self) -> str:
        """How much of the sale has been given back."""
        if self.refunded_amount == 0:
            return "recorded"
        return "refunded" if self.refunded_amount == self.amount else "partially_refunded"

    def set_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Keeps what became of each rule, as codes."""
        self.outcomes = [_kept(one) for one in outcomes]


def _kept(outcome: Outcome) -> list[Any]:
    return list(outcome) if outcome.points else _kept_skipped(outcome)


@lru_cache(maxsize=16_384)
def _kept_skipped(outcome: Outcome) -> list[Any]:
    """Most rules are skipped, for few reasons: their lists are shared, and only read."""
    return list(outcome)


COLUMNS = tuple(item.name for item in fields(Record))
PREFIXES = {"id": "txn_", "merchant_id": "mer_", "store_id": "str_", "member_id": "mem_", "principal_id": "key_"}


def record_of(row: Sequence[Any]) -> Record:
    """The record of a row with COLUMNS."""
    values = list(row)
    for position, name in enumerate(COLUMNS):
        value = values[position]
        if value is not None and name in PREFIXES:
            values[position] = PREFIXES[name] + value
    return Record(*values)
