"""What redemptions look like."""

from __future__ import annotations

from app.coupons.redeeming.rules import REASONS, STATES
from app.foundation.http.contract.shapes import (
    instant,
    integer,
    list_of,
    nullable,
    one_of,
    page_of,
    public_id,
    record,
    text,
    thing,
)

_FUNDING = record(
    {"district": integer(600, minimum=0), "merchant": integer(400, minimum=0), "government": integer(0, minimum=0)},
    title="DiscountFunding",
)
REDEMPTION = thing(
    "redemption",
    {
        "id": public_id("red"),
        "coupon_id": public_id("cpn"),
        "campaign_id": public_id("cam"),
        "merchant_id": public_id("mer"),
        "store_id": public_id("str"),
        "reference": text("A101-20260101-0001"),
        "transaction_id": {
            **nullable(public_id("txn")),
            "description": "The sale; null until one of this reference is reported.",
        },
        "amount": integer(12_800, description="Of the bill for which it was redeemed."),
        "discount_amount": integer(1_000, minimum=0, description="What it took off the bill."),
        "discount_returned": integer(0, minimum=0, description="What refunds, or a roll-back, gave back of that."),
        "funding": {**_FUNDING, "description": "Who pays what is left of the discount."},
        "state": one_of(*STATES),
        "reasons": list_of(one_of(*REASONS), example=[]),
        "review_reason": {
            **nullable(text("未见商品出库")),
            "description": "What the alliance wrote when it released or rejected it.",
            "examples": [None],
        },
        "redeemed_at": instant(),
        "ended_at": {**nullable(instant()), "examples": [None]},
    },
)
REDEMPTIONS = page_of(REDEMPTION)
