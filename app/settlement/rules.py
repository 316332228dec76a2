"""What movements of the ledger are worth, and to whom: the core of settlement, as pure functions and values.

Amounts in minor units, seen by a party: above 0 it is owed, below 0 it owes. Prices in minor units for a point, as
exact decimals. A line's sum is rounded once, half away from zero, so that a line and its opposite cancel.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple, get_args

PartyKind = Literal["merchant", "district", "public"]
PARTIES: tuple[PartyKind, ...] = ("merchant", "district", "public")
LineKind = Literal[
    "issue",
    "acceptance",
    "coupon",
    "coupon-funding",
    "breakage",
    "debt",
    "adjustment",
    "correction",
    "take-over",
    "draw",
]
LINES: tuple[LineKind, ...] = get_args(LineKind)
INVOICED: frozenset[str] = frozenset({"acceptance", "coupon"})
"""What a party is paid for, and so invoices. Of everything else it is invoiced."""
HoldKind = Literal["alliance", "dispute", "public-claim"]
HOLDS: tuple[HoldKind, ...] = get_args(HoldKind)
INVOICES = ("to_invoice", "to_be_invoiced")
"""What an invoice is for: what a party is paid, which it issues itself, or what it is charged."""
SIDES = ("merchant", "alliance")
PERIODS = ("month", "week")
OWN_POINTS = ("redemption", "cost")
SETTLE = "settle"
"""The code of transfers by which a close books net positions; its journal is the next period's, and brings nobody anything."""


class Party(NamedTuple):
    """Who owes, or is owed: a merchant, the district, or who pays the public part of coupons."""

    kind: PartyKind
    id: str


def public_of(district_id: str) -> Party:
    """Who pays the public part of a district's coupons."""
    return Party("public", f"pty_{district_id[-32:]}")


class Prices(NamedTuple):
    """What a point costs who issues it, and what who accepts it is paid."""

    issue: Decimal
    redemption: Decimal


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """One version of the terms. `overrides`: prices of some merchants. `breakage_share`: percent that goes back to funders.

    `own_points`: what a merchant is paid for points that it has funded itself: the redemption price, or their cost.
    """

    version: int
    prices: Prices
    breakage_share: int = 0
    own_points: str = "redemption"
    overrides: Mapping[str, Prices] = field(default_factory=dict)

    def of(self, merchant_id: str | None) -> Prices:
        """The prices of what a merchant issues and accepts; None for the district."""
        return self.overrides.get(merchant_id or "", self.prices)


class Side(NamedTuple):
    """An account by its kind and its owner's id."""

    kind: str
    owner_id: str


class MovedSum(NamedTuple):
    """Transfers of one code between the same accounts, summed. `points` are minor units where money moves.

    `lot_*`: of the lot that they are of: who funded and issued it, and the version of the terms at its award.
    `cause_version`: of the terms at the award or spending that they make or undo; `issuer_id`: the merchant of that award.
    `campaign_id`: of the coupon whose money moves.
    """

    code: str
    debit: Side
    credit: Side
    points: int
    items: int = 1
    earlier: int = 0
    lot_funder: str | None = None
    lot_issuer_id: str | None = None
    lot_version: int | None = None
    cause_version: int | None = None
    issuer_id: str | None = None
    campaign_id: str | None = None


class LineKey(NamedTuple):
    """What is summed before it is rounded: of a kind, at a price (None for money), of a campaign, for what a funder pays."""

    kind: LineKind
    price: Decimal | None
    campaign_id: str | None = None
    funder: Party | None = None


class PartyEffect(NamedTuple):
    """What a movement brings a party: points at the price of the line, or money; the sign is the amount's."""

    party: Party
    line: LineKey
    points: int
    version: int | None


class Clearing:
    """What movements bring the parties of a district, by its terms."""

    def __init__(self, district_id: str, terms: Iterable[PriceTerms]) -> None:
        self._district = Party("district", district_id)
        self._terms = {one.version: one for one in terms}

    def effects(self, moved: MovedSum) -> Iterator[PartyEffect]:
        """The table "transfer | money" of docs/settlement.en.md; nothing for what only moves points."""
        match moved.code, moved.debit.kind, moved.credit.kind:
            case "earn", "issued", _:
                yield self._issue(moved, moved.debit, -moved.points)
            case (("reverse" | "take"), _, "issued"):
                yield self._issue(moved, moved.credit, moved.points)
            case "owe", _, "issued":
                back = self._issue(moved, moved.credit, moved.points)
                yield back
                yield PartyEffect(self._district, LineKey("debt", back.line.price), -moved.points, back.version)
            case "pay-owed", _, _:
                yield self._of_lot(moved, self._district, "debt")
            case "spend", _, "redeemed":
                yield self._acceptance(moved, moved.credit, moved.points)
            case "restore", "redeemed", _:
                yield self._acceptance(moved, moved.debit, -moved.points)
            case (("expire" | "erase"), _, "breakage"):
                yield self._of_lot(moved, self._funder_of_lot(moved), "breakage")
            case "adjust", "adjustment", _:
                price = self._terms_at(moved.cause_version).of(None).issue
                yield PartyEffect(self._district, LineKey("adjustment", price), -moved.points, moved.cause_version)
            case "adjust", _, "adjustment":
                yield self._of_lot(moved, self._district, "adjustment")
            case "take-over", _, _:
                yield PartyEffect(self._party(moved.debit), LineKey("take-over", None), -moved.points, None)
                yield PartyEffect(self._party(moved.credit), LineKey("take-over", None), moved.points, None)
            case "draw", _, _:
                yield PartyEffect(self._district, LineKey("draw", None), moved.points, None)
            case "coupon", _, _:
                yield from self._coupon(moved, moved.debit, moved.credit, moved.points)
            case "coupon-back", _, _:
                yield from self._coupon(moved, moved.credit, moved.debit, -moved.points)
            case "correction", _, _:
                yield PartyEffect(self._payer(moved.debit), LineKey("correction", None), -moved.points, None)
                yield PartyEffect(self._payer(moved.credit), LineKey("correction", None), moved.points, None)

    def paid(self, moved: MovedSum) -> Iterator[tuple[Party, int]]:
        """What a movement of money brings the balances of parties besides their net positions: payments, deposits set off.

        Paid by a party is above 0, paid to it below.
        """
        if moved.code != SETTLE:
            for side, amount in ((moved.credit, moved.points), (moved.debit, -moved.points)):
                if side.kind == "public_settlement":
                    yield public_of(self._district.id), amount
                elif side.kind == "settlement":
                    yield self._party(side), amount

    def _issue(self, moved: MovedSum, issuer: Side, points: int) -> PartyEffect:
        price = self._terms_at(moved.cause_version).of(moved.issuer_id).issue
        return PartyEffect(self._party(issuer), LineKey("issue", price), points, moved.cause_version)

    def _of_lot(self, moved: MovedSum, party: Party, kind: Literal["debt", "breakage", "adjustment"]) -> PartyEffect:
        """What leaves the pool for points of a lot: at the price at which they came."""
        price = self.lot_price(moved)
        if kind == "breakage":
            price = price * self._terms_at(moved.lot_version).breakage_share / 100
        return PartyEffect(party, LineKey(kind, price), moved.points, moved.lot_version)

    def _acceptance(self, moved: MovedSum, acceptor: Side, points: int) -> PartyEffect:
        party, terms = self._party(acceptor), self._terms_at(moved.cause_version)
        is_own = party.kind == "merchant" and self._funder_of_lot(moved) == party
        price = terms.of(party.id).redemption
        if is_own and terms.own_points == "cost":
            price = self.lot_price(moved)
        return PartyEffect(party, LineKey("acceptance", price), points, moved.cause_version)

    def _coupon(self, moved: MovedSum, funding: Side, redeemed: Side, amount: int) -> Iterator[PartyEffect]:
        payer = self._payer(funding)
        yield PartyEffect(payer, LineKey("coupon-funding", None, moved.campaign_id), -amount, None)
        yield PartyEffect(self._party(redeemed), LineKey("coupon", None, moved.campaign_id, payer), amount, None)

    def issue_price(self, version: int, issuer_id: str | None) -> Decimal:
        """At which price points of an issuer came into the pool by a version of the terms."""
        return self._terms_at(version).of(issuer_id).issue

    def lot_price(self, moved: MovedSum) -> Decimal:
        """At which price the points of a movement came into the pool."""
        return self._terms_at(moved.lot_version).of(moved.lot_issuer_id).issue

    def _funder_of_lot(self, moved: MovedSum) -> Party:
        if moved.lot_funder == "merchant" and moved.lot_issuer_id is not None:
            return Party("merchant", moved.lot_issuer_id)
        return self._district

    def _payer(self, side: Side) -> Party:
        """Who pays from an account, or is paid to it: also the public, whose accounts are owned by the district."""
        return public_of(self._district.id) if side.kind.startswith("public_") else self._party(side)

    def _party(self, side: Side) -> Party:
        return self._district if side.owner_id == self._district.id else Party("merchant", side.owner_id)

    def _terms_at(self, version: int | None) -> PriceTerms:
        assert version is not None, "what has a price was awarded or spent at some time"
        return self._terms[version]


def amount_of(points: int, price: Decimal | None) -> int:
    """What points of a line come to: rounded once, half away from zero. Money is what it is."""
    return points if price is None else int((points * price).quantize(Decimal(1), ROUND_HALF_UP))


def payable(closing: int, held: int, least: int, *, is_final: bool = False) -> int:
    """What is to be paid of a closing balance, in either direction; nothing under `least`, but in the end."""
    due = max(0, abs(closing) - held)
    return due if is_final or due >= least else 0


def drawable(outstanding: Decimal, pool: Decimal, booked: int) -> int:
    """What a pool holds beyond what it must, whether exactly or as its lines were rounded; nothing where it holds less."""
    return max(0, math.floor(min(pool, Decimal(booked)) - outstanding))


class Payment(NamedTuple):
    """Who would pay whom how much."""

    payer: Party
    payee: Party
    amount: int


def direct_payments(closings: Mapping[Party, int], pool: Party) -> list[Payment]:
    """Who pays whom where the pool holds no money of its own: the largest debtor the largest creditor, one after another.

    At most one payment less than there are parties. What the closings lack to 0 is the pool's; ties go by party.
    """
    left = {**closings, pool: closings.get(pool, 0) - sum(closings.values())}
    payments = []
    while debts := {party: amount for party, amount in left.items() if amount < 0}:
        payer = min(debts, key=lambda party: (debts[party], party))
        payee = min(left, key=lambda party: (-left[party], party))
        amount = min(-left[payer], left[payee])
        payments.append(Payment(payer, payee, amount))
        left[payer] += amount
        left[payee] -= amount
    return payments


def next_boundary(day: date, period: str) -> date:
    """The first day of the next calendar month or week after a day."""
    if period == "week":
        return day + timedelta(days=7 - day.weekday())
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def is_boundary(day: date, period: str) -> bool:
    """Whether a calendar month or week begins on a day."""
    return next_boundary(day - timedelta(days=1), period) == day
