"""What is recorded of a sale, as a value: what a report becomes, and what refunds leave of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple

from app.districts.queries import Shop
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.problems import ValidationFailed
from app.foundation.tenancy import Principal
from app.points.earning.outcomes import Outcomes, unpacked
from app.transactions.configuration import Configuration
from app.transactions.errors import NOT_ACCEPTED
from app.transactions.sales.sale import Sale
from app.transactions.times import check_clock

CouponUsed = Sequence[Any]
"""A coupon with which a sale was paid: its id, its campaign's, the end of its code, and what it took off."""


@dataclass(slots=True)
class Record:
    """A sale as it stands in the table; ids with their prefixes, amounts in minor units, instants in UTC.

    `by_coupon`: True where nobody but a coupon named the buyer. `merchant_funded`: what of `points_earned` its merchant pays.
    """

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
    outcomes: Outcomes | None
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
    coupons: Sequence[CouponUsed] | None = None
    by_coupon: bool | None = None
    merchant_funded: int = 0

    @property
    def status(self) -> str:
        """How much of the sale has been given back."""
        if self.refunded_amount == 0:
            return "recorded"
        return "refunded" if self.refunded_amount == self.amount else "partially_refunded"

    def hides_buyer_from(self, principal: Principal) -> bool:
        """Whether who reads it isn't told whose it is: a coupon's code tells a merchant nothing of its member."""
        return bool(self.by_coupon) and principal.merchant_id is not None


COLUMNS = tuple(item.name for item in fields(Record))
_OUTCOMES = COLUMNS.index("outcomes")
PREFIXES = {"id": "txn_", "merchant_id": "mer_", "store_id": "str_", "member_id": "mem_", "principal_id": "key_"}


def record_of(row: Sequence[Any]) -> Record:
    """The record of a row with COLUMNS."""
    values = list(row)
    for position, name in enumerate(COLUMNS):
        value = values[position]
        if value is not None and name in PREFIXES:
            values[position] = PREFIXES[name] + value
    if values[_OUTCOMES] is not None:
        values[_OUTCOMES] = unpacked(values[_OUTCOMES])
    return Record(*values)


def check_time(sale: Sale, settings: Configuration, now: datetime) -> None:
    """Raises ValidationFailed for a sale that is too old for the programme, or of the future."""
    occurred_at = sale.report.occurred_at
    check_clock(occurred_at, now)
    days = settings.terms.late_sale_days
    if occurred_at is None or days is None or sale.principal.may("transactions:backdate"):
        return
    if occurred_at < now - timedelta(days=days):
        raise ValidationFailed.at("/occurred_at", "too-old", _l("Sales are accepted for %(days)s days.", days=days))


def check_accepts(sale: Sale, shop: Shop, now: datetime) -> None:
    """Raises ValidationFailed for points and coupons at a shop that takes none any more."""
    report = sale.report
    if shop.accepts_at(report.occurred_at or now) or not (report.points_to_spend or sale.codes):
        return
    pointer = "/points_to_spend" if report.points_to_spend else "/coupons"
    raise ValidationFailed.at(pointer, "not-accepted-here", NOT_ACCEPTED)


class Discount(NamedTuple):
    """What coupons take off a bill; `earns_points`: whether what is paid in money earns."""

    amount: int = 0
    coupons: Sequence[CouponUsed] | None = None
    earns_points: bool = True


NO_DISCOUNT = Discount()


def new_record(
    sale: Sale,
    shop: Shop,
    settings: Configuration,
    now: datetime,
    points_amount: int,
    discount: Discount = NO_DISCOUNT,
) -> Record:
    """A report as a record that is nobody's yet. Raises ValidationFailed."""
    report = sale.report
    paid = report.amount - discount.amount - points_amount
    eligible = paid if report.eligible_amount is None else report.eligible_amount
    if eligible > paid:
        words = _l("What earns is at most what was paid in money.")
        raise ValidationFailed.at("/eligible_amount", "out-of-range", words)
    return Record(
        id=new_id("txn"),
        merchant_id=shop.merchant_id,
        store_id=shop.store_id,
        member_id=None,
        reference=report.reference,
        body_print=sale.body_print,
        member_print=sale.member_prints[0] if sale.member_prints else None,
        phone_index=None,
        amount=report.amount,
        discount_amount=discount.amount,
        points_spent=report.points_to_spend,
        points_amount=points_amount,
        paid_amount=paid,
        eligible_amount=eligible if discount.earns_points else 0,
        refunded_amount=0,
        currency=settings.directory.currency,
        points_earned=0,
        available_at=None,
        expires_at=None,
        rule_set_version=None,
        rounding=None,
        facts=None,
        outcomes=None,
        channel=report.channel,
        payment_method=report.payment_method,
        payment_reference=report.payment_reference,
        payment_rank=0,
        items=report.items or None,
        metadata=report.metadata or None,
        claim_hash=None,
        claimed_at=None,
        principal_id=sale.principal.id,
        occurred_at=report.occurred_at or now,
        recorded_at=now,
        coupons=discount.coupons,
    )


class SoFar(NamedTuple):
    """What a sale's refunds have given back: `amount` of its bill, `money` and `discount` in minor units, `points` that
    went back (of these `merchant_points` the merchant's) and spent ones `restored`.

    `eligible`: what they said themselves no longer earns. `by_share`: the part of `amount` of those that said nothing of
    that; for it, what earns shrinks as the bill does. `by_money`: the part of `money` of those by items that said nothing
    of it; for it, what earns shrinks as the money does. `units`: what came back by items, by their places.
    """

    amount: int = 0
    money: int = 0
    discount: int = 0
    points: int = 0
    merchant_points: int = 0
    restored: int = 0
    eligible: int = 0
    by_share: int = 0
    by_money: int = 0
    units: Mapping[int, int] = MappingProxyType({})


NOTHING = SoFar()
"""No refund yet."""


def eligible_left(record: Record, refunded: SoFar) -> int | Fraction:
    """What still earns of a sale after all its refunds, exact: nothing once the whole bill is given back."""
    return left_of(record.eligible_amount, record.amount, record.paid_amount, refunded)


def left_of(eligible: int, amount: int, paid: int, refunded: SoFar) -> int | Fraction:
    """What is left of an eligible amount: less what refunds named themselves, less `eligible × by_share / amount`, less
    `eligible × by_money / paid`.
    """
    if not refunded.amount:
        return eligible
    if refunded.amount >= amount:
        return 0
    by_share = Fraction(eligible * refunded.by_share, amount)
    by_money = Fraction(eligible * refunded.by_money, paid) if refunded.by_money else 0
    return max(Fraction(0), eligible - refunded.eligible - by_share - by_money)
