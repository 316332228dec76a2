"""What this room answers."""

from __future__ import annotations

from app.coupons.bill.why_not import CODES
from app.foundation.http.accepted import shape_as_kept
from app.foundation.http.contract.shapes import (
    always,
    batch_of,
    day,
    extended,
    flag,
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
    without,
)
from app.members.answers import HELD_TIER
from app.points.answers import BALANCE, RULE_OUTCOME
from app.transactions.errors import PaymentReferenceConflict
from app.transactions.schemas import SALE_STATUSES, ItemBody

_AMOUNT = integer(12_800, minimum=0)
_NOTHING = integer(0, minimum=0)
_COUPON_USED = record(
    {"code_hint": text("…7K"), "campaign_id": public_id("cam"), "discount_amount": _NOTHING}, title="CouponUsed"
)
_BY_FUNDER = record({"merchant": integer(128, minimum=0), "district": _NOTHING}, title="PointsByFunder")
TRANSACTION = thing(
    "transaction",
    {
        "id": public_id("txn"),
        "reference": text("A101-20260101-0001"),
        "merchant_id": public_id("mer"),
        "store_id": public_id("str"),
        "member_id": nullable(public_id("mem")),
        "amount": _AMOUNT,
        "discount_amount": _NOTHING,
        "points_spent": _NOTHING,
        "points_amount": _NOTHING,
        "paid_amount": _AMOUNT,
        "eligible_amount": _AMOUNT,
        "refunded_amount": _NOTHING,
        "currency": text("CNY"),
        "status": one_of(*SALE_STATUSES),
        "coupons": list_of(_COUPON_USED, examples=[[]]),
        "points_earned": integer(128, minimum=0),
        "points_funded": _BY_FUNDER,
        "available_at": nullable(instant("2025-12-31T16:00:00Z")),
        "expires_at": nullable(instant("2027-01-01T16:00:00Z")),
        "balance": nullable(BALANCE),
        "rule_set_version": nullable(integer(1, minimum=1)),
        "explanation": list_of(RULE_OUTCOME),
        "channel": nullable(text("till")),
        "payment_method": nullable(text("wechat")),
        "payment_reference": {**nullable(text()), "examples": [None]},
        "items": list_of(shape_as_kept(ItemBody())),
        "metadata": {"type": "object", "additionalProperties": {"type": "string"}, "examples": [{}]},
        "claimed_at": {**nullable(instant()), "examples": [None]},
        "occurred_at": instant(),
        "recorded_at": instant("2026-01-01T12:15:01.248163Z"),
        "claim_url": nullable(text(description="For the receipt of a sale that is nobody's yet.")),
    },
    optional=("claim_url",),
)
RESOLVED = thing(
    "presence",
    {
        "member": record(
            {
                "id": public_id("mem"),
                "masked_name": nullable(text("王*")),
                "tier": HELD_TIER,
                "points": integer(815, minimum=0, description="What can be spent now."),
            },
            title="MemberPresent",
        ),
        "store_id": public_id("str"),
        "presence_token": text("pt_…", description="Names the member in sales at this store until `expires_at`."),
        "expires_at": instant("2026-01-01T12:25:00Z"),
    },
)
TRANSACTIONS = page_of(TRANSACTION)
TRANSACTION_BATCH = batch_of("transaction", (200, 201), TRANSACTION, **PaymentReferenceConflict.more)
QUOTE = extended(
    without(TRANSACTION, "Quote", "id", "recorded_at", "claimed_at", "claim_url"),
    "Quote",
    {"object": always("quote"), "status": always("quoted")},
)
_WHY_NOT = record(
    {
        "code": one_of(*CODES),
        "detail": text("The coupon's time is over."),
        "missing": integer(1, minimum=1, description="What is missing to its minimum, in minor units."),
        "with": {**public_id("cpn"), "description": "The coupon with which it doesn't go."},
    },
    title="WhyNot",
    optional=("missing", "with"),
)
_CONSIDERED = record(
    {
        "code": {
            **nullable(text("7K3M-Q9ZT-H2VC-1")),
            "description": "As it was sent; of `best` null where the coupon isn't for this shop.",
        },
        "coupon_id": public_id("cpn"),
        "campaign_id": public_id("cam"),
        "campaign_name": text("周末满减"),
        "applicable": flag(),
        "discount_amount": integer(1_000, minimum=0),
        "why_not": _WHY_NOT,
    },
    title="CouponConsidered",
    optional=("why_not",),
)
VALIDATED = thing(
    "coupon_validation",
    {
        "discount_amount": integer(1_000, minimum=0),
        "payable_amount": integer(11_800, minimum=0),
        "coupons": list_of(_CONSIDERED),
    },
)
SUMMARY = thing(
    "transaction_summary",
    {
        "on": day("2026-01-01"),
        "store_id": nullable(public_id("str")),
        "currency": text("CNY"),
        "count": integer(42, minimum=0),
        "member_count": integer(40, minimum=0),
        "amount": integer(537_600, minimum=0),
        "discount_amount": _NOTHING,
        "points_amount": _NOTHING,
        "paid_amount": integer(537_600, minimum=0),
        "refunded_amount": _NOTHING,
        "points_earned": integer(5_376, minimum=0),
        "points_spent": _NOTHING,
    },
)
REFUND = thing(
    "refund",
    {
        "id": public_id("rfd"),
        "transaction_id": public_id("txn"),
        "merchant_id": public_id("mer"),
        "member_id": nullable(public_id("mem")),
        "reference": text("A101-20260102-R001"),
        "amount": integer(6_000, minimum=1),
        "eligible_amount": {**nullable(integer(6_000, minimum=0)), "examples": [None]},
        "currency": text("CNY"),
        "money_amount": integer(6_000, minimum=0),
        "discount_reversed": _NOTHING,
        "points_reversed": integer(110, minimum=0),
        "points_reversed_by": _BY_FUNDER,
        "points_owed": _NOTHING,
        "points_forgiven": _NOTHING,
        "points_restored": _NOTHING,
        "reason": {**nullable(text()), "examples": [None]},
        "items": list_of(
            record({"line": integer(0, minimum=0), "quantity": integer(1, minimum=1)}, title="RefundItem")
        ),
        "balance": nullable(BALANCE),
        "occurred_at": instant(),
        "recorded_at": instant("2026-01-02T12:15:01.248163Z"),
    },
)
REFUNDS = page_of(REFUND)
REFUND_BATCH = batch_of("refund", (200, 201), REFUND)
_COST = {
    **record({"merchant": integer(5_376, minimum=0), "district": _NOTHING}, title="ReplayCost"),
    "description": "In minor units, at what one point takes off a bill, by who pays.",
}
_COMPARED = {
    "points": integer(6_000, minimum=0, description="What the rules would have given."),
    "awarded": integer(5_376, minimum=0),
    "cost": _COST,
    "awarded_cost": _COST,
}
_MEMBER_CHANGE = record(
    {
        "member_id": public_id("mem"),
        "points": integer(600, minimum=0),
        "awarded": integer(500, minimum=0),
        "change": integer(100),
    },
    title="ReplayMember",
)
REPLAY_RESULT = record(
    {
        "sales": integer(4_200, minimum=0),
        "members": integer(900, minimum=0),
        **_COMPARED,
        "merchants": list_of(record({"merchant_id": public_id("mer"), **_COMPARED}, title="ReplayMerchant")),
        "rules": list_of(
            record(
                {"rule_key": text("base"), "points": integer(6_000, minimum=0), "awarded": integer(5_376, minimum=0)},
                title="ReplayRule",
            )
        ),
        "days": list_of(record({"on": day("2026-01-01"), **_COMPARED}, title="ReplayDay")),
        "gaining": list_of(_MEMBER_CHANGE, description="Who would have gained most, by id."),
        "losing": list_of(_MEMBER_CHANGE, description="Who would have lost most, by id."),
    },
    title="ReplayResult",
)
REPLAY = thing(
    "replay",
    {
        "id": public_id("rpl"),
        "rule_set_id": public_id("rls"),
        "from": instant("2025-12-31T16:00:00Z"),
        "to": instant("2026-01-31T16:00:00Z"),
        "status": one_of("queued", "running", "done", "failed", "cancelled"),
        "progress": record(
            {"done": integer(4_200, minimum=0), "total": nullable(integer(4_200, minimum=0))}, title="Progress"
        ),
        "result": nullable(REPLAY_RESULT),
        "created_at": instant(),
        "finished_at": nullable(instant()),
    },
)
