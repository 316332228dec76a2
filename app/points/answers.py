"""What this room answers."""

from __future__ import annotations

from app.foundation.http.accepted import shape_as_kept
from app.foundation.http.contract.shapes import (
    FLAW,
    day,
    flag,
    instant,
    integer,
    list_of,
    nullable,
    one_of,
    page_of,
    public_id,
    record,
    some_id,
    text,
    thing,
    without,
)
from app.points.schemas import ProgrammeChange, RuleBody, TierBody

_SETTINGS = shape_as_kept(ProgrammeChange())["properties"]
PROGRAMME = thing(
    "programme",
    {
        **_SETTINGS,
        "updated_at": instant(),
        "currency": text("CNY"),
        "time_zone": text("Asia/Shanghai"),
    },
)
RULE_SET = thing(
    "rule_set",
    {
        "id": public_id("rls"),
        "name": text("2026 spring"),
        "version": nullable(integer(2, minimum=1)),
        "status": one_of("draft", "published"),
        "rules": list_of(shape_as_kept(RuleBody())),
        "warnings": list_of(FLAW, examples=[[]]),
        "effective_at": nullable(instant()),
        "created_at": instant(),
        "published_at": nullable(instant()),
    },
)
RULE_SETS = page_of(RULE_SET)
BALANCE = record(
    {"available": integer(815), "pending": integer(115, minimum=0), "owed": integer(0, minimum=0)}, title="Balance"
)
_LIFETIME = record({"earned": integer(930), "spent": integer(0), "expired": integer(0)}, title="LifetimePoints")
TIER = thing(
    "tier",
    {
        "id": public_id("tir"),
        **shape_as_kept(TierBody())["properties"],
        "created_at": instant(),
        "updated_at": instant(),
    },
)
TIERS = page_of(TIER)
_NEXT_TIER = record(
    {
        "id": public_id("tir"),
        "name": text("Gold"),
        "rank": integer(2, minimum=0),
        "qualifies_by": one_of("points_earned", "amount_spent"),
        "threshold": integer(5_000, minimum=1),
        "counted": integer(3_800, minimum=0, description="What counts today, net of refunds."),
        "missing": integer(1_200, minimum=0),
        "by": {
            **nullable(day()),
            "description": "The last local day on which that is enough: then the oldest day that counts leaves the "
            "window. Null while nothing counts.",
        },
    },
    title="NextTier",
)
POINTS = thing(
    "points",
    {
        "member_id": public_id("mem"),
        **BALANCE["properties"],
        "spendable": integer(815, minimum=0),
        "spend_locked": {**flag(), "description": "Whether the member has locked them against spending."},
        "spending_rests_until": {
            **nullable(instant()),
            "description": "Until when nothing can be spent, for the member's phone was changed a day ago or less.",
        },
        "expiring": list_of(record({"on": day(), "points": integer(815)}, title="ExpiringPoints")),
        "lifetime": _LIFETIME,
        "next_tier": {**nullable(_NEXT_TIER), "description": "The next tier above; null at the top, or without tiers."},
    },
)
ENTRY = thing(
    "points_entry",
    {
        "id": text("12", pattern="^[0-9]+$"),
        "code": text("earn"),
        "points": integer(115),
        "balance_after": integer(930),
        "source": record(
            {
                "kind": one_of("sale", "refund", "coupon", "coupon-void", "expiry", "adjustment", "merge", "erasure"),
                "id": text(some_id("txn"), pattern="^[a-z]{3}_[0-9a-f]{32}$"),
            },
            title="EntrySource",
        ),
        "merchant_id": nullable(public_id("mer")),
        "occurred_at": instant(),
        "recorded_at": instant(),
    },
)
ENTRIES = page_of(ENTRY)
ADJUSTMENT = thing(
    "adjustment",
    {
        "id": public_id("adj"),
        "member_id": public_id("mem"),
        "points": integer(500, description="Below 0 for points taken."),
        "reason": text("系统故障补偿"),
        "merchant_id": {
            **nullable(public_id("mer")),
            "description": "At whose cost, of an opening balance; null for the district's.",
            "examples": [None],
        },
        "actor_id": public_id("key"),
        "balance": BALANCE,
        "recorded_at": instant(),
    },
)
ADJUSTED = without(ADJUSTMENT, "PastAdjustment", "balance")
RULE_OUTCOME = record(
    {
        "rule_key": text("base"),
        "name": text("每元 1 分"),
        "outcome": one_of("applied", "skipped"),
        "points": integer(115, minimum=0),
        "code": text(description="Why a rule was skipped; stable."),
        "why": text(description="The same in words, in the language of `Accept-Language`."),
    },
    title="RuleOutcome",
    optional=("code", "why"),
)
