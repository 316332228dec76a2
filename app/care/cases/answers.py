"""What this wing answers."""

from __future__ import annotations

from app.care.cases.rules import KINDS, REASONS, STEPS
from app.foundation.http.contract.shapes import instant, nullable, one_of, page_of, public_id, text, thing

CASE = thing(
    "case",
    {
        "id": public_id("cas"),
        "kind": one_of(*KINDS),
        "step": one_of(*STEPS),
        "transaction_id": public_id("txn"),
        "merchant_id": public_id("mer"),
        "store_id": public_id("str"),
        "member_id": {
            **nullable(public_id("mem")),
            "description": "Null to merchants: the sale says what they may know.",
        },
        "reason": one_of(*REASONS),
        "description": nullable(text("少算了一杯茶的积分")),
        "answer": nullable(text("已补 20 积分")),
        "answered_by": nullable(one_of("alliance", "merchant")),
        "opened_at": instant(),
        "ended_at": nullable(instant()),
    },
)
CASES = page_of(CASE)
