"""The code that a member's phone shows, made from its key: for tools and tests, which have no phone. Pure.

`88`, the member's number, and six digits of TOTP (RFC 6238, HMAC-SHA-256, 60 seconds). Real phones get their key from
`GET /v1/me/code-key`; a till only reads codes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

PREFIX = "88"
DIGITS = 6
STEP_SECONDS = 60


def make_member_code(number: str, key: str, at: datetime) -> str:
    """The code of a member with this number and key (base32) at an instant. Raises ValueError for a naive datetime.

    >>> from datetime import UTC
    >>> make_member_code("0000012345", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", datetime(2026, 1, 1, tzinfo=UTC))
    '880000012345578892'
    """
    if at.tzinfo is None:
        raise ValueError("an instant needs its offset: a naive datetime names none")
    secret = base64.b32decode(key + "=" * (-len(key) % 8))
    digest = hmac.digest(secret, (int(at.timestamp()) // STEP_SECONDS).to_bytes(8, "big"), hashlib.sha256)
    start = digest[-1] & 0xF
    digits = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{PREFIX}{number}{digits % 10**DIGITS:0{DIGITS}d}"
