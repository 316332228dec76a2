"""What this room answers."""

from __future__ import annotations

from app.foundation.http.contract.shapes import (
    always,
    batch_of,
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
    text,
    thing,
)
from app.members.codes import rules as codes
from app.members.schemas import CONTROLLER

KNOWN_MEMBER = {
    **record(
        {"object": always("member"), "id": public_id("mem"), "masked_phone": text("138****0000")}, title="KnownMember"
    ),
    "description": "What is told of a phone that was a member before.",
}
HELD_TIER = {
    **nullable(
        record(
            {
                "id": public_id("tir"),
                "name": text("Gold"),
                "rank": integer(2, minimum=0),
                "since": instant(),
                "held_until": instant("2026-12-31T16:00:00Z"),
            },
            title="MemberTier",
        )
    ),
    "description": "The highest tier held. From `held_until` on, the start of a local day, it is looked at again.",
}
MEMBER = thing(
    "member",
    {
        "id": public_id("mem"),
        "number": text("0000012345"),
        "masked_phone": nullable(text("138****0000")),
        "name": nullable(text("王芳")),
        "birthday": nullable(day("1990-05-01")),
        "tier": HELD_TIER,
        "tags": list_of(text("staff")),
        "status": one_of("active", "frozen", "merged", "erased"),
        "memberships": list_of(record({"merchant_id": public_id("mer"), "since": instant()}, title="Membership")),
        "created_at": instant(),
    },
)
MEMBERS = page_of(MEMBER)
MEMBER_BATCH = batch_of("member", (200, 201), {"anyOf": [MEMBER, KNOWN_MEMBER]})
CODE_KEY = thing(
    "code_key",
    {
        "member_id": public_id("mem"),
        "number": text("0000012345", description="The member's number, the middle of each code."),
        "prefix": always(codes.PREFIX),
        "key": text(
            "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
            description="Base32 (RFC 4648). Keep it where no other app reads it.",
        ),
        "algorithm": always("SHA256"),
        "digits": integer(codes.DIGITS, minimum=1),
        "period_seconds": integer(60, minimum=1),
    },
)
CONSENT = thing(
    "consent",
    {
        "id": public_id("con"),
        "controller": text("district", pattern=CONTROLLER),
        "purpose": text("membership"),
        "version": text("2026-01"),
        "granted": flag(),
        "way": text("api"),
        "recorded_at": instant(),
    },
)
