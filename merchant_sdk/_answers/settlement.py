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
class Reserve(Answer):
    """Of the first period that isn't closed: what points that are out are worth, what the pool holds, what may be drawn of it."""

    outstanding: Decimal | None = field(default=None, metadata=DECIMAL)
    pool: Decimal | None = field(default=None, metadata=DECIMAL)
    booked: int = 0
    drawable: int = 0


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
    reserve: Reserve | None = field(default=None, metadata=one(Reserve))
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
class StatementHold(Answer):
    """What isn't paid, or asked for, yet: for a `dispute`, a `public-claim` (`source_id`), or by the `alliance`."""

    statement_id: str = ""
    kind: str = ""
    source_id: str | None = None
    amount: int = 0
    reason: str = ""
    placed_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementInvoice(Answer):
    """A tax invoice for what a party is paid (`to_invoice`) or charged (`to_be_invoiced`), as a `side` has noted it."""

    id: str
    statement_id: str = ""
    number: str = ""
    direction: str = ""
    amount: int = 0
    issued_on: date | None = field(default=None, metadata=DAY)
    side: str = ""
    noted_at: datetime | None = field(default=None, metadata=INSTANT)


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
    is_final: bool = False
    issued_at: datetime | None = field(default=None, metadata=INSTANT)
    dispute_until: datetime | None = field(default=None, metadata=INSTANT)
    to_invoice: int = 0
    to_be_invoiced: int = 0
    invoiced: int = 0
    been_invoiced: int = 0
    lines: tuple[StatementLine, ...] = field(default=(), metadata=many(StatementLine))
    holds: tuple[StatementHold, ...] = field(default=(), metadata=many(StatementHold))
    invoices: tuple[StatementInvoice, ...] = field(default=(), metadata=many(StatementInvoice))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputedLine(Answer):
    """A line of a statement (None: of what is missing), what its party is to get more for it, and the items meant."""

    line: int | None = None
    amount: int = 0
    item_ids: tuple[str, ...] = field(default=(), metadata=TUPLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeMessage(Answer):
    """What the `merchant` or the `alliance` (`side`) has said."""

    side: str
    text: str = ""
    sent_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute(Answer):
    """What is said to be wrong with a statement: `open`, `accepted`, `rejected` or `withdrawn`."""

    id: str
    statement_id: str = ""
    party: SettlementParty | None = field(default=None, metadata=one(SettlementParty))
    status: str = ""
    reason: str = ""
    text: str | None = None
    amount: int = 0
    lines: tuple[DisputedLine, ...] = field(default=(), metadata=many(DisputedLine))
    messages: tuple[DisputeMessage, ...] = field(default=(), metadata=many(DisputeMessage))
    answer: str | None = None
    accepted_amount: int | None = None
    correction_id: str | None = None
    opened_at: datetime | None = field(default=None, metadata=INSTANT)
    ended_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(Answer):
    """What a party gets more from the district (below 0: it pays): `proposed`, `approved` or `rejected`."""

    id: str
    party: SettlementParty | None = field(default=None, metadata=one(SettlementParty))
    amount: int = 0
    reason: str = ""
    status: str = ""
    proposed_at: datetime | None = field(default=None, metadata=INSTANT)
    decided_at: datetime | None = field(default=None, metadata=INSTANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointFlow(Answer):
    """Points that came from one party."""

    party: SettlementParty = field(metadata=one(SettlementParty))
    points: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFlows(Answer):
    """From whom the `points` came that a party accepted; `rest`: of all that aren't told apart."""

    statement_id: str
    period_id: str = ""
    points: int = 0
    accepted_from: tuple[PointFlow, ...] = field(default=(), metadata=many(PointFlow))
    rest: int | None = None
