"""Codes of an authenticator (RFC 6238, as its apps know them: HMAC-SHA-1, 30 seconds, six digits), as pure functions."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from urllib.parse import quote

DIGITS = 6
STEP = timedelta(seconds=30)
SECRET_BYTES = 20
AROUND = 1
"""Codes of so many steps before and after are right as well: clocks differ."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_secret() -> bytes:
    """A random key."""
    return secrets.token_bytes(SECRET_BYTES)


def secret_text(secret: bytes) -> str:
    """A key in base32, as it is typed into an app."""
    return base64.b32encode(secret).decode()


def secret_of(text: str) -> bytes:
    """The key of a text."""
    return base64.b32decode(text)


def code_at(secret: bytes, step: int) -> str:
    """The code of a step (RFC 4226, 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8), sha1)
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4]) & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_at(instant: datetime) -> int:
    """Steps since 1970."""
    return (instant - _EPOCH) // STEP


def right_step(secret: bytes, code: str, now: datetime, *, after: int) -> int | None:
    """The step of a right code that comes after the last one that was used; all steps around now are looked at."""
    middle = step_at(now)
    right = [
        step
        for step in range(middle - AROUND, middle + AROUND + 1)
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode())
    ]
    return next((step for step in right if step > after), None)


def link_of(secret: bytes, *, issuer: str, account: str) -> str:
    """What the QR code says that an app reads (github.com/google/google-authenticator/wiki/Key-Uri-Format)."""
    label = quote(f"{issuer}:{account}", safe="")
    return f"otpauth://totp/{label}?secret={secret_text(secret)}&issuer={quote(issuer, safe='')}"
