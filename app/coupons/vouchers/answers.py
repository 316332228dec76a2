"""What evidence looks like."""

from __future__ import annotations

from app.coupons.redeeming.rules import REASONS, STATES
from app.coupons.vouchers.chain import KINDS
from app.foundation.http.contract.shapes import (
    always,
    flag,
    instant,
    integer,
    list_of,
    nullable,
    one_of,
    public_id,
    record,
    text,
)

_DIGEST = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"


def _digest(description: str) -> dict[str, object]:
    return {**text(_DIGEST, description=description), "pattern": "^[0-9a-f]{64}$"}


_CONTENT = record(
    {
        "kind": one_of(*KINDS),
        "redemption_id": public_id("red"),
        "campaign_id": public_id("cam"),
        "coupon_index": text("9f86d081884c7d659a2feaa0c55ad015", description="Finds the coupon; not its code."),
        "member_number": {
            **nullable(text("******2345")),
            "description": "Of the holder, but for its last digits hidden.",
        },
        "merchant_id": public_id("mer"),
        "store_id": public_id("str"),
        "amount": integer(12_800, description="Of the bill; below 0 in a refund, 0 in a review."),
        "discount_amount": integer(1_000, description="The same of the discount."),
        "government_amount": integer(1_000, description="The same of the government's part of it."),
        "payment_reference": text("4200001234202601010000000001"),
        "occurred_at": instant(),
        "recorded_at": instant(),
        "reported_by": {**text("key_0193f2a1c0de7b5c9a4e2d6f81b3c507"), "description": "The key that reported it."},
        "state": one_of(*STATES),
        "reasons": list_of(one_of(*REASONS)),
    },
    title="EvidenceContent",
)
_ROW = record(
    {
        "object": always("evidence_row"),
        "number": integer(1, minimum=1),
        "row": {**_CONTENT, "description": "What the digest is about, as canonical JSON (RFC 8785)."},
        "digest": _digest("SHA-256 of the digest before (32 bytes) and the row."),
    },
    title="EvidenceRow",
)
_TOTAL = record(
    {
        "rows": integer(1, minimum=0),
        "amount": integer(12_800),
        "discount_amount": integer(1_000),
        "government_amount": integer(1_000),
        "digest": _digest("Of the last row."),
    },
    title="EvidenceTotal",
)
EVIDENCE = record(
    {
        "object": always("list"),
        "data": list_of(_ROW),
        "has_more": flag(),
        "previous_digest": _digest("Before the first of these rows: 32 zero bytes before the first of all."),
        "total": {**_TOTAL, "description": "Of the whole chain as it is now."},
    },
    title="EvidenceRowList",
)
