"""A sale as a value: what a merchant sent, and what is recorded of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

import orjson

from app.foundation.tenancy import Origin, Principal
from app.members.guessing import Guesses
from app.points.rules import Outcome
from app.transactions.presence import Presented


@dataclass(slots=True)
class Sale:
    """A checked report. `body` has every field of the schema, defaults filled; `phone` in E.164.

    `body_print` tells one body from another, but for its reference and who bought; `member_prints` tell how the buyer
    was named: by a phone, under each key of the blind index, the current one first.
    `guesses`: of the till, where a member code came with it. `presented`: what that code, or a token, says.
    `is_by_stranger`: the phone isn't looked up, for the answer mustn't tell whose it is. `origin`: for the audit log.
    """

    principal: Principal
    body: dict[str, Any]
    idempotency_key: str | None = None
    body_print: bytes = b""
    member_prints: tuple[bytes, ...] = ()
    phone_indexes: tuple[bytes, ...] = ()
    guesses: Guesses | None = None
    presented: Presented | None = None
    is_by_stranger: bool = False
    origin: Origin | None = None

    @property
    def is_present(self) -> bool:
        """Whether the buyer stands at the till, by a live code or token; one that may have been spent by before."""
        return self.presented is not None and self.presented.spend_refusal is None

    @property
    def key_print(self) -> bytes:
        """What an idempotency key compares, besides the buyer."""
        return hashlib.blake2b(self.body_print + self.body["reference"].encode(), digest_size=16).digest()


_values_of_body = itemgetter(
    "amount",
    "eligible_amount",
    "currency",
    "points_to_spend",
    "occurred_at",
    "channel",
    "payment_method",
    "payment_reference",
    "coupons",
    "items",
    "metadata",
)


def print_of_body(body: dict[str, Any], store_id: str) -> bytes:
    """16 bytes of everything in a report but its reference and its buyer; a store is the same by id and by code."""
    values = [store_id, *_values_of_body(body)]
    canonical = orjson.dumps(values, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    return hashlib.blake2b(canonical, digest_size=16).digest()


def print_of_member(kind: str, value: bytes) -> bytes:
    """16 bytes of how a buyer was named."""
    return hashlib.blake2b(value, digest_size=16, person=kind.encode()[:16]).digest()


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

    def read_outcomes(self) -> list[Outcome]:
        """What became of each rule."""
        return [Outcome(*one) for one in self.outcomes or ()]


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


def present(
    record: Record,
    *,
    balance: dict[str, int] | None,
    explanation: list[dict[str, Any]],
    claim_url: str | None = None,
) -> dict[str, Any]:
    """A sale as the API shows it; instants in UTC are left to `respond`, which writes them quicker."""
    earned = record.points_earned > 0
    body: dict[str, Any] = {
        "object": "transaction",
        "id": record.id,
        "reference": record.reference,
        "merchant_id": record.merchant_id,
        "store_id": record.store_id,
        "member_id": record.member_id,
        "amount": record.amount,
        "discount_amount": record.discount_amount,
        "points_spent": record.points_spent,
        "points_amount": record.points_amount,
        "paid_amount": record.paid_amount,
        "eligible_amount": record.eligible_amount,
        "refunded_amount": record.refunded_amount,
        "currency": record.currency,
        "status": record.status,
        "coupons": [],
        "points_earned": record.points_earned,
        "available_at": record.available_at if earned else None,
        "expires_at": record.expires_at if earned else None,
        "balance": balance,
        "rule_set_version": record.rule_set_version,
        "explanation": explanation,
        "channel": record.channel,
        "payment_method": record.payment_method,
        "payment_reference": record.payment_reference,
        "items": record.items or [],
        "metadata": record.metadata or {},
        "claimed_at": record.claimed_at,
        "occurred_at": record.occurred_at,
        "recorded_at": record.recorded_at,
    }
    if claim_url is not None:
        body["claim_url"] = claim_url
    return body
