"""Bodies and queries of this room."""

from __future__ import annotations

from typing import Any

from marshmallow import validates_schema

from app.foundation.figures.money import MAX_AMOUNT
from app.foundation.http.fields import (
    Body,
    Day,
    Id,
    Integer,
    ListOf,
    Object,
    OneOf,
    Page,
    QueryInteger,
    Text,
    page_query,
)
from app.foundation.http.validation import Wrong
from app.foundation.i18n import words as _l
from app.points.schemas import PointValue
from app.settlement.rules import INVOICES, OWN_POINTS, PERIODS

MOST_OVERRIDES = 1_000
STATUSES = ("open", "closing", "closed")


class PointPrices(Body):
    """What a point costs who issues it, and what who accepts it is paid."""

    issue_price = PointValue(required=True)
    redemption_price = PointValue(required=True)

    @validates_schema
    def _no_more_is_paid_than_comes_in(self, data: dict[str, Any], **_: object) -> None:
        if data["redemption_price"] > data["issue_price"]:
            raise Wrong("out-of-range", _l("At most the issue price is paid for a point."), "redemption_price")


class PriceOverrideBody(PointPrices):
    """Other prices for what one merchant issues and accepts."""

    merchant_id = Id("mer", required=True)


class TermsBody(PointPrices):
    """The next version of the terms; `effective_from` is the first day of a period."""

    effective_from = Day(required=True, example="2026-03-01")
    period = OneOf(PERIODS, load_default="month")
    breakage_share = Integer(0, 100, load_default=0, example=50)
    own_points = OneOf(OWN_POINTS, load_default="redemption")
    least_payment = Integer(load_default=100)
    dispute_days = Integer(0, 90, load_default=10)
    payment_days = Integer(0, 365, load_default=15)
    exit_days = Integer(0, 365, load_default=90)
    overrides = ListOf(Object(PriceOverrideBody), most=MOST_OVERRIDES, load_default=list)


class HoldBody(Body):
    """What isn't to be paid, or asked for, yet; and why."""

    amount = Integer(1, required=True, example=80)
    reason = Text(500, required=True, example="待财政拨款")


class DrawBody(Body):
    """What the district takes of the pool, and what for."""

    amount = Integer(1, required=True, example=40)
    reason = Text(500, required=True, example="春节活动")


class InvoiceBody(Body):
    """An invoice for what a party is paid (`to_invoice`), or is charged; below 0 it takes another one back."""

    number = Text(40, required=True, visible=True, example="26312000000012345678")
    direction = OneOf(INVOICES, required=True)
    amount = Integer(-MAX_AMOUNT, required=True, example=1001)
    issued_on = Day(required=True, example="2026-04-02")


class ItemsQuery(Page):
    """Of which line."""

    line = QueryInteger(1, 1_000_000, load_default=1, metadata={"default": 1})
    starting_after = Id("jou")


TERMS = page_query("trm")
PERIODS_QUERY = page_query("per", status=OneOf(STATUSES))
STATEMENTS = page_query("stm")
