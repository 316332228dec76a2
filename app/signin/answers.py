"""What this room answers."""

from __future__ import annotations

from app.foundation.http.contract.shapes import (
    always,
    day,
    extended,
    flag,
    instant,
    integer,
    nullable,
    one_of,
    page_of,
    public_id,
    record,
    text,
    thing,
)
from app.members.answers import MEMBER
from app.points.answers import POINTS
from app.signin.schemas import CHALLENGE, REFRESH_TOKEN

SENT = thing("challenge", {"challenge": text(CHALLENGE), "expires_in": integer(300)})
TOKENS = thing(
    "tokens",
    {
        "member_id": public_id("mem"),
        "token_type": always("Bearer"),
        "access_token": text("eyJhbGciOiJIUzI1NiIsImtpZCI6IjEifQ.e30.c2lnbmF0dXJl"),
        "refresh_token": text(REFRESH_TOKEN),
        "expires_in": integer(600),
    },
)
TEST_MESSAGE = thing(
    "test_message",
    {
        "kind": one_of("code", "notice"),
        "phone": text("+8613800000000"),
        "code": {**nullable(text("123456")), "description": "Null in a notice."},
        "changes_on": {
            **nullable(day("2026-06-08")),
            "description": "In a notice: the local day from which on the number is its member's no more.",
        },
        "sent_at": instant("2026-06-01T00:00:00Z"),
        "expires_at": instant("2026-06-01T00:05:00Z"),
    },
)
TEST_MESSAGES = page_of(TEST_MESSAGE)
REVOKED = thing("session", {"status": always("ended")})
ME = extended(MEMBER, "Me", {"points": POINTS})
MOVED = extended(ME, "MeMoved", {"tokens": TOKENS})
PHONE_CHANGE = thing(
    "phone_change",
    {
        "masked_phone": {**text("139****0000"), "description": "The number to come."},
        "asked_at": instant(),
        "changes_at": instant("2026-01-08T12:15:00Z"),
    },
)
PROOF = thing("proof", {"member_id": public_id("mem"), "fresh_until": instant("2026-01-01T12:20:00Z")})
MY_SESSION = record(
    {
        "object": always("session"),
        "id": public_id("ses"),
        "device": {**nullable(text("WeChat, Android")), "description": "A hint, from what the phone said it is."},
        "started_at": instant(),
        "used_at": {**instant(), "description": "When it was last carried on by a refresh token."},
        "expires_at": instant("2026-04-01T12:15:00Z"),
        "is_current": {**flag(), "description": "Whether it is the one by which this call is made."},
    },
    title="MySession",
)
MY_SESSIONS = page_of(MY_SESSION)
