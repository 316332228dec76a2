"""What this room answers."""

from __future__ import annotations

from app.districts.rules import SCOPES
from app.foundation.http.contract.shapes import (
    Shape,
    always,
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
)
from app.staff.schemas import INVITATION, ROLE_NAMES, SESSION, WAITING

_OPTIONS: Shape = {
    "type": "object",
    "additionalProperties": True,
    "description": "Options of WebAuthn, in JSON as `parseCreationOptionsFromJSON` and its like take it.",
    "examples": [{"challenge": "AQIDBA"}],
}
_FACTORS = list_of(one_of("otp", "passkey", "recovery_code"))
_WANTS = {
    **nullable(one_of("district", "second-factor")),
    "description": "What comes first: a district is to be chosen, or a second factor set up, which the role needs.",
}
OPENED = thing(
    "staff_session",
    {
        "id": public_id("sts"),
        "account_id": public_id("acc"),
        "token_type": always("Bearer"),
        "access_token": text(SESSION),
        "expires_in": integer(43_200),
        "district_id": nullable(public_id("dis")),
        "wants": _WANTS,
    },
)
WAITING_SIGN_IN = thing(
    "staff_sign_in",
    {
        "id": public_id("sts"),
        "account_id": public_id("acc"),
        "token": text(WAITING),
        "expires_in": integer(300),
        "second_factors": _FACTORS,
        "passkey_options": {"anyOf": [_OPTIONS, {"type": "null"}], "examples": [None]},
    },
)
CODE_SENT = thing("staff_challenge", {"challenge": text("ch_" + "a" * 52), "expires_in": integer(300)})
DONE = thing("account", {"id": public_id("acc"), "status": always("changed")})
STEPPED_UP = thing("step_up", {"id": public_id("sts"), "fresh_until": instant("2026-01-01T12:20:00Z")})
MY_SESSION = record(
    {
        "object": always("staff_session"),
        "id": public_id("sts"),
        "device": {**nullable(text("Windows")), "description": "A hint, from what the browser said it is."},
        "district_id": nullable(public_id("dis")),
        "started_at": instant(),
        "used_at": {**instant(), "description": "When it was last used, to the minute."},
        "expires_at": instant("2026-01-02T00:15:00Z"),
        "is_current": flag(),
    },
    title="MyStaffSession",
)
MY_SESSIONS = page_of(MY_SESSION)
ENDED = thing("staff_session", {"id": public_id("sts"), "status": always("ended")}) | {"title": "EndedStaffSession"}
_ROLE = {
    "role": one_of(*ROLE_NAMES),
    "merchant_id": nullable(public_id("mer")),
    "store_id": nullable({**public_id("str"), "examples": [None]}),
}
PASSKEY = thing(
    "passkey",
    {"id": public_id("pky"), "name": text("laptop"), "created_at": instant(), "used_at": nullable(instant())},
)
PASSKEYS = page_of(PASSKEY)
ME = thing(
    "account",
    {
        "id": public_id("acc"),
        "login": {**text("138****0000"), "description": "Masked."},
        "session_id": public_id("sts"),
        "district_id": nullable(public_id("dis")),
        "wants": _WANTS,
        "scopes": list_of(one_of(*SCOPES)),
        "places": list_of(
            record(
                {
                    "district_id": public_id("dis"),
                    "name": nullable(text("湖滨步行街")),
                    "slug": nullable(text("hubin")),
                    **_ROLE,
                },
                title="StaffWorkplace",
            )
        ),
        "second_factors": _FACTORS,
        "recovery_codes_left": integer(10),
        "notices": list_of(
            record(
                {"kind": text("second-factor-reset"), "actor_id": text("acc_" + "0" * 32), "created_at": instant()},
                title="AccountNotice",
            ),
            description="What others have done to the account, until its owner has seen it.",
        ),
    },
) | {"title": "StaffMe"}
TOTP = thing(
    "totp",
    {
        "id": public_id("acc"),
        "secret": text("A" * 32),
        "link": text("otpauth://totp/Quantong?secret=AAAA", description="For a QR code that an authenticator reads."),
    },
)
_CODES = list_of(
    text("abcd-efgh-ijkl-mnop"), description="To be kept on paper: each stands once for the second factor."
)
FACTOR_ADDED = thing("second_factor", {"id": public_id("acc"), "session": OPENED, "recovery_codes": _CODES})
PASSKEY_OPTIONS = thing("passkey_options", {"id": public_id("acc"), "options": _OPTIONS})
RECOVERY_CODES = thing("recovery_codes", {"id": public_id("acc"), "recovery_codes": _CODES})
STAFF_MEMBER = thing(
    "staff_member",
    {
        "id": public_id("acc"),
        "name": text("王芳"),
        "login": {**text("138****0000"), "description": "Masked."},
        **_ROLE,
        "since": instant(),
    },
)
STAFF_MEMBERS = page_of(STAFF_MEMBER)
INVITED = thing(
    "invitation",
    {
        "id": public_id("inv"),
        "name": text("王芳"),
        "login": {**text("138****0000"), "description": "Masked."},
        **_ROLE,
        "created_at": instant(),
        "expires_at": instant("2026-01-04T12:15:00Z"),
    },
)
NEW_INVITATION = extended(
    INVITED,
    "NewInvitation",
    {
        "url": text(
            f"https://example.com/console/invitations/{INVITATION}",
            description="Shown here and never again: works once.",
        ),
        "sent_by": {
            **nullable(one_of("email")),
            "description": "How the link was sent; null where it has to be handed on.",
        },
    },
)
INVITATIONS = page_of(INVITED)
