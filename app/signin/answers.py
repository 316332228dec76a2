"""What this room answers."""

from __future__ import annotations

from app.foundation.http.shapes import always, extended, integer, public_id, text, thing
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
REVOKED = thing("session", {"status": always("ended")})
ME = extended(MEMBER, "Me", {"points": POINTS})
