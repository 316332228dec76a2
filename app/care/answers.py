"""What this room answers."""

from __future__ import annotations

from app.care.cases.answers import CASE
from app.coupons.issuing.answers import EXPORTED_COUPON
from app.foundation.http.contract.shapes import (
    flag,
    instant,
    integer,
    list_of,
    nullable,
    one_of,
    public_id,
    record,
    text,
    thing,
)
from app.members.answers import CONSENT, MEMBER
from app.notices.rules import KINDS as NOTICE_KINDS
from app.points.answers import ADJUSTED, BALANCE, ENTRY, POINTS
from app.transactions.answers import REFUND, TRANSACTION

SPEND_LOCK = thing("spend_lock", {"member_id": public_id("mem"), "locked": flag()})
_SIDE = record(
    {
        "id": public_id("mem"),
        "balance": BALANCE,
        "transactions": integer(12, minimum=0),
        "memberships": integer(3, minimum=0),
        "coupons": integer(2, minimum=0, description="Those that can be used: the survivor's after a merge."),
        "status": text("active"),
    },
    title="MergeSide",
)
MERGE_PREVIEW = thing(
    "merge_preview",
    {
        "member": _SIDE,
        "into": _SIDE,
        "after": BALANCE,
        "refused_because": nullable(text(description="The code of the problem that a merge would be refused with.")),
    },
)
_IDENTITY = record(
    {"kind": text("wechat_openid"), "value": text("o6_bmj…"), "recorded_at": instant()}, title="Identity"
)
_SESSION = record(
    {
        "id": public_id("ses"),
        "device": nullable(text("WeChat, Android")),
        "started_at": instant(),
        "used_at": instant(),
        "ended_at": nullable(instant()),
    },
    title="SignInSession",
)
_PHONE_CHANGE = record(
    {"phone": text("+8613800000000"), "asked_at": instant(), "changes_at": instant()}, title="WaitingPhoneChange"
)
_NOTICE = record(
    {
        "id": public_id("mno"),
        "kind": one_of(*NOTICE_KINDS),
        "details": {
            "type": "object",
            "additionalProperties": True,
            "description": "Ids and figures that its words need.",
            "examples": [{"points": 120, "on": "2026-12-31"}],
        },
        "told_at": instant(),
        "read_at": nullable(instant()),
    },
    title="MemberNotice",
)
EXPORT = thing(
    "member_export",
    {
        "member": MEMBER,
        "phone": nullable(text("+8613800138000")),
        "identities": list_of(_IDENTITY),
        "consents": list_of(CONSENT),
        "points": POINTS,
        "entries": list_of(ENTRY),
        "transactions": list_of(TRANSACTION),
        "refunds": list_of(REFUND),
        "adjustments": list_of(ADJUSTED),
        "coupons": list_of(EXPORTED_COUPON),
        "cases": list_of(CASE),
        "notices": list_of(_NOTICE),
        "sessions": list_of(_SESSION),
        "phone_change": nullable(_PHONE_CHANGE),
        "exported_at": instant(),
    },
)
