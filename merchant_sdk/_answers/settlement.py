"""What `client.settlement` answers. Amounts in minor units, above 0 what the party is owed; instants in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from merchant_sdk._answers.reading import DAY, DECIMAL, INSTANT, TUPLE, Answer, many, one


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOverride(Answer):
    """Other prices for what one merchant issues and accepts."""

    merchant_id: str
    issue_price: Decimal = field(metadata=DECIMAL)
    redemption_price: Decimal = field(metadata=DECIMAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementTerms(Answer):
    """A version of the terms; prices in minor units for a point."""

    id: str
    version: int
    effective_from: date = field(metadata=DAY)
    period: str = "month"
    issue_price: Decimal = field(metadata=DECIMAL)
    redemption_price: Decimal = field(metadata=DECIMAL)
    breakage_share: int = 0
    own_points: str = "redemption"
    least_payment: int = 0
    dispute_days: int = 0
    payment_days: int = 0
    exit_days: int = 0
    overrides: tuple[PriceOverride, ...] = field(default=(), metadata=many(PriceOverride))
    created_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementParty(Answer):
    """Who owes or is owed: a `merchant`, the `district`, or the `public`."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectPayment(Answer):
    """Who would pay whom if nobody kept money in between."""

    payer: SettlementParty = field(metadata=one(SettlementParty))
    payee: SettlementParty = field(metadata=one(SettlementParty))
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementPeriod(Answer):
    """A period: `open`, `closing` or `closed`. A merchant's key reads its own `net_position`, the alliance's all else."""

    id: str
    number: int
    starts_on: date = field(metadata=DAY)
    ends_on: date = field(metadata=DAY)
    starts_at: datetime | None = field(default=None, metadata=INSTANT)
    ends_at: datetime | None = field(default=None, metadata=INSTANT)
    terms_version: int = 0
    status: str = ""
    closed_at: datetime | None = field(default=None, metadata=INSTANT)
    hash: str | None = None
    parties: int | None = None
    pool: int | None = None
    owed_to_parties: int | None = None
    owed_by_parties: int | None = None
    net_position: int | None = None
    direct_payments: tuple[DirectPayment, ...] = field(default=(), metadata=many(DirectPayment))


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine(Answer):
    """A line: points of one kind at one price, or (no price) the money of a campaign's coupons."""

    line: int
    kind: str
    points: int = 0
    price: Decimal | None = field(default=None, metadata=DECIMAL)
    terms_version: int | None = None
    campaign_id: str | None = None
    funder: SettlementParty | None = field(default=None, metadata=one(SettlementParty))
    amount: int = 0
    items: int = 0
    of_earlier_periods: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(Answer):
    """What a period comes to for a party. `tacit`: approved by silence."""

    id: str
    period_id: str = ""
    party: SettlementParty | None = field(default=None, metadata=one(SettlementParty))
    opening: int = 0
    net_position: int = 0
    payments: int = 0
    closing: int = 0
    held: int = 0
    payable: int = 0
    status: str = ""
    tacit: bool = False
    issued_at: datetime | None = field(default=None, metadata=INSTANT)
    dispute_until: datetime | None = field(default=None, metadata=INSTANT)
    to_invoice: int = 0
    to_be_invoiced: int = 0
    lines: tuple[StatementLine, ...] = field(default=(), metadata=many(StatementLine))


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementItem(Answer):
    """A part of a line: of one cause (`source_id`), or of a local `day`. `amount` is exact; a line is rounded once."""

    id: str | None = None
    source_id: str | None = None
    recorded_at: datetime | None = field(default=None, metadata=INSTANT)
    day: date | None = field(default=None, metadata=DAY)
    points: int = 0
    amount: Decimal | None = field(default=None, metadata=DECIMAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementProof(Answer):
    """That a statement's leaf, at a `place` of `size`, leads by `path` to the tree in `content`, and so to the period's `hash`."""

    statement_id: str
    period_id: str = ""
    leaf: str = ""
    place: int = 0
    size: int = 0
    path: tuple[str, ...] = field(default=(), metadata=TUPLE)
    content: str = ""
    previous_hash: str = ""
    hash: str = ""
