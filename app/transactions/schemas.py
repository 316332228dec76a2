"""Bodies and queries of this room."""

from __future__ import annotations

from datetime import date
from itertools import combinations, starmap
from typing import Any

from marshmallow import post_load, validates, validates_schema

from app.foundation.http.contract.shapes import not_both, some_id
from app.foundation.http.fields import (
    SORTED,
    Body,
    Day,
    Flag,
    Id,
    Instant,
    Integer,
    ListOf,
    Metadata,
    Object,
    OneOf,
    Text,
    TokenText,
    page_query,
)
from app.foundation.http.validation import Wrong
from app.foundation.i18n import words as _l
from app.foundation.pagination import sorts
from app.members.schemas import FORGOTTEN, MemberCodeText, Phone
from app.transactions.plain_bodies import MOST_COUPONS, accept_item
from app.transactions.reports import BUYERS, BillQuestion, BillReport, RefundReport, SaleReport

COUPONS = "Codes of coupons, in any order: they are used with the sale, all or none."


NO_CODES_WITH_BEST: dict[str, Any] = {
    "not": {
        "properties": {"coupons": {"type": "array", "minItems": 1}, "best": {"const": True}},
        "required": ["coupons", "best"],
    }
}


class ItemBody(Body):
    sku = Text(100, load_default=None, allow_none=True, example="T-88")
    name = Text(200, load_default=None, allow_none=True, example="龙井 50g", metadata=FORGOTTEN)
    category = Text(100, load_default=None, allow_none=True, example="tea")
    quantity = Integer(1, 1_000_000, load_default=1, example=1)
    amount = Integer(required=True, example=12_800)


class SaleBody(Body):
    """A sale. Amounts in minor units; `occurred_at` is the present if left out."""

    more_shape = {"allOf": [*starmap(not_both, combinations(BUYERS, 2)), not_both("store_id", "store_code")]}

    reference = Text(255, required=True, visible=True, example="A101-20260101-0001")
    store_id = Id("str", load_default=None, allow_none=True, example=some_id("str"))
    store_code = Text(40, visible=True, load_default=None, allow_none=True)
    member_id = Id("mem", load_default=None, allow_none=True, example=some_id("mem"))
    member_code = MemberCodeText(load_default=None, allow_none=True, example=None)
    presence_token = TokenText(200, load_default=None, allow_none=True)
    phone = Phone(load_default=None, allow_none=True, example=None)
    amount = Integer(required=True, example=12_800)
    eligible_amount = Integer(load_default=None, allow_none=True)
    currency = Text(3, least=3, load_default=None, allow_none=True)
    coupons = ListOf(Text(40), most=MOST_COUPONS, load_default=list, metadata={"description": COUPONS})
    points_to_spend = Integer(0, load_default=0)
    occurred_at = Instant(load_default=None, allow_none=True)
    channel = Text(40, load_default=None, allow_none=True, example="till")
    payment_method = Text(40, load_default=None, allow_none=True, example="wechat")
    payment_reference = Text(128, visible=True, load_default=None, allow_none=True)
    items = ListOf(Object(ItemBody, quick=accept_item), most=500, load_default=list)
    metadata = Metadata(load_default=dict, metadata=FORGOTTEN)

    @validates_schema
    def _one_of(self, data: dict[str, Any], **_: object) -> None:
        for first, second in (*combinations(BUYERS, 2), ("store_id", "store_code")):
            if data.get(first) and data.get(second):
                raise Wrong("one-at-most", _l("%(first)s or %(second)s, not both.", first=first, second=second), second)

    @post_load
    def _as_report(self, data: dict[str, Any], **_: object) -> Any:
        return SaleReport(**data)


class RedeemBody(Body):
    """A bill whose sale is reported later. Amounts in minor units; `store_id` may be left out with a store's key."""

    reference = Text(255, required=True, visible=True, example="A101-20260101-0001")
    store_id = Id("str", load_default=None, allow_none=True, example=some_id("str"))
    amount = Integer(required=True, example=12_800)
    channel = Text(40, load_default=None, allow_none=True, example="till")
    items = ListOf(Object(ItemBody, quick=accept_item), most=500, load_default=list)

    @post_load
    def _as_bill(self, data: dict[str, Any], **_: object) -> BillReport:
        return BillReport(**data)


class ValidateBody(SaleBody):
    """A bill, as its sale would be reported, with codes of coupons; or `best`, to find those of the member's that take
    most.
    """

    more_shape = {"allOf": [*SaleBody.more_shape["allOf"], NO_CODES_WITH_BEST]}

    reference = Text(255, visible=True, load_default=None, allow_none=True, example="A101-20260101-0001")
    best = Flag(load_default=False, example=False)

    @validates_schema
    def _one_question(self, data: dict[str, Any], **_: object) -> None:
        if data.get("best") and data.get("coupons"):
            raise Wrong("one-at-most", _l("%(first)s or %(second)s, not both.", first="coupons", second="best"), "best")

    @post_load
    def _as_report(self, data: dict[str, Any], **_: object) -> Any:
        best, reference = data.pop("best"), data.pop("reference") or ""
        return BillQuestion(SaleReport(reference, **data), best)


class ResolveBody(Body):
    code = MemberCodeText(required=True)
    store_id = Id("str", load_default=None, allow_none=True, example=some_id("str"))


class ReturnedItemBody(Body):
    """Some units of an item of the sale, by its place in the sale's items, from 0."""

    line = Integer(0, 499, required=True, example=0)
    quantity = Integer(1, 1_000_000, load_default=1, example=1)


class RefundBody(Body):
    """Money given back on a sale, named by its id or by its reference. `amount` is of the bill, in minor units; with
    `items` what these cost on it.
    """

    more_shape = {"allOf": [not_both("transaction_id", "transaction_reference")]}

    transaction_id = Id("txn", load_default=None, allow_none=True, example=some_id("txn"))
    transaction_reference = Text(255, visible=True, load_default=None, allow_none=True)
    merchant_id = Id("mer", load_default=None, allow_none=True)
    reference = Text(255, required=True, visible=True, example="A101-20260102-R001")
    amount = Integer(1, required=True, example=6_000)
    eligible_amount = Integer(load_default=None, allow_none=True)
    occurred_at = Instant(load_default=None, allow_none=True)
    reason = Text(500, load_default=None, allow_none=True, metadata=FORGOTTEN)
    items = ListOf(Object(ReturnedItemBody), most=500, load_default=list)

    @validates_schema
    def _one_sale(self, data: dict[str, Any], **_: object) -> None:
        by_id, by_reference = data.get("transaction_id"), data.get("transaction_reference")
        if by_id and by_reference:
            raise Wrong(
                "one-at-most", _l("transaction_id or transaction_reference, not both."), "transaction_reference"
            )
        if not by_id and not by_reference:
            raise Wrong("required", _l("Which sale? Its id or its reference is needed."), "transaction_id")

    @post_load
    def _as_report(self, data: dict[str, Any], **_: object) -> RefundReport:
        return RefundReport(**data)


class SecretBody(Body):
    """What stands in the link on a receipt."""

    secret = Text(26, least=26, visible=True, required=True, example="mfrggzdfmztwq2lknnwg23tpoa")


class RehearsalPeriod(Body):
    """A period of `occurred_at`: from an instant, until before another."""

    start = Instant(required=True, data_key="from")
    end = Instant(required=True, data_key="to")


class ClaimBody(Body):
    """Whose sale it is: a member, or the code that their phone shows now."""

    more_shape = {"allOf": [not_both("member_id", "member_code")]}

    member_id = Id("mem", load_default=None, allow_none=True, example=some_id("mem"))
    member_code = MemberCodeText(load_default=None, allow_none=True, example=None)

    @validates_schema
    def _one_member(self, data: dict[str, Any], **_: object) -> None:
        if data.get("member_id") and data.get("member_code"):
            raise Wrong("one-at-most", _l("member_id or member_code, not both."), "member_code")
        if not data.get("member_id") and not data.get("member_code"):
            raise Wrong("required", _l("Whose? The member's id or code is needed."), "member_id")


class CouponClaimBody(Body):
    """A key names the member, or has it show that it is there; a member who is signed in claims for itself."""

    more_shape = {"allOf": [not_both("member_code", "presence_token")]}

    member_id = Id("mem", load_default=None, allow_none=True, example=some_id("mem"))
    member_code = MemberCodeText(load_default=None, allow_none=True, example=None)
    presence_token = TokenText(200, load_default=None, allow_none=True)

    @validates_schema
    def _one_proof(self, data: dict[str, Any], **_: object) -> None:
        if data.get("member_code") and data.get("presence_token"):
            raise Wrong("one-at-most", _l("member_code or presence_token, not both."), "presence_token")


SALE_STATUSES = ("recorded", "partially_refunded", "refunded")
"""How much of a sale has been given back."""
SALE = SaleBody()
REFUND = RefundBody()
REFUNDS = page_query("rfd", transaction_id=Id("txn"), merchant_id=Id("mer"), reference=Text(255, visible=True))
TRANSACTIONS = page_query(
    "txn",
    member_id=Id("mem"),
    merchant_id=Id("mer"),
    store_id=Id("str"),
    reference=Text(255, visible=True),
    status=OneOf(SALE_STATUSES),
    occurred_from=Instant(),
    occurred_to=Instant(),
    sort=OneOf(sorts("amount", "occurred_at"), metadata={"description": SORTED}),
)


class SummaryQuery(Body):
    on = Day(required=True)
    store_id = Id("str", load_default=None)

    @validates("on")
    def _on(self, value: date, **_: object) -> None:
        if not 2000 <= value.year <= 2999:
            raise Wrong("out-of-range", _l("A day of the years 2000 to 2999 is needed."))
