"""What coupons look like."""

from __future__ import annotations

from app.coupons.campaigns.rules import KINDS
from app.coupons.issuing.rules import STATUSES
from app.foundation.http.contract.shapes import (
    extended,
    instant,
    nullable,
    one_of,
    page_of,
    public_id,
    text,
    thing,
)

COUPON = thing(
    "coupon",
    {
        "id": public_id("cpn"),
        "code": {
            **nullable(text("7K3M-Q9ZT-H2VC-1")),
            "description": "To the member, and to the alliance; a merchant is shown it by the member.",
        },
        "code_hint": text("…C1"),
        "campaign_id": public_id("cam"),
        "campaign_name": text("周末满减"),
        "kind": one_of(*KINDS),
        "words": text("满 100 减 10", description="What it gives, in the language of `Accept-Language`."),
        "member_id": {
            **nullable(public_id("mem")),
            "description": "Whose it is; null for the bearer's, and to a merchant that has its code only.",
        },
        "status": one_of(*STATUSES),
        "usable_from": instant(),
        "expires_at": instant("2026-01-31T16:00:00Z"),
        "issued_at": instant(),
        "reserved_until": {
            **nullable(instant()),
            "description": "Until when a merchant holds it for a bill of its own; null where none does.",
            "examples": [None],
        },
        "ended_at": {
            **nullable(instant()),
            "description": "When it was redeemed, expired or voided.",
            "examples": [None],
        },
    },
)
COUPONS = page_of(COUPON)
EXPORTED_COUPON = extended(
    COUPON,
    "ExportedCoupon",
    {
        "void_reason": {
            **nullable(text("误发")),
            "description": "What was written when it was taken back.",
            "examples": [None],
        }
    },
)
