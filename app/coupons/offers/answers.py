"""What offers look like."""

from __future__ import annotations

from app.coupons.campaigns.rules import KINDS
from app.coupons.offers.rules import REMAINING
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

OFFER = thing(
    "offer",
    {
        "campaign_id": public_id("cam"),
        "name": text("周末满减"),
        "description": {**nullable(text()), "examples": [None]},
        "kind": one_of(*KINDS),
        "words": text("满 100 减 10", description="What it gives, in the language of `Accept-Language`."),
        "usable_until": instant("2026-01-31T16:00:00Z"),
        "shops": list_of(
            record({"merchant_id": public_id("mer"), "name": text("一品茶楼")}, title="OfferShop"),
            description="Where it counts; empty for everywhere.",
        ),
        "remaining": one_of(*REMAINING),
        "points_price": {**nullable(integer(100)), "examples": [None]},
    },
)
OFFERS = page_of(OFFER)
