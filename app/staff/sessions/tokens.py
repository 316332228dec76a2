"""The secrets of staff: tokens of sessions, and of invitations, which carry their district. Pure."""

from __future__ import annotations

import base64
import secrets

OPEN, WAITING, INVITED = "ss_", "sp_", "in_"
_LENGTH = 58


def new_token(head: str) -> str:
    """A fresh one of 256 bits."""
    return head + _text(secrets.token_bytes(32))


def new_invitation(district_id: str) -> str:
    """A fresh one of a district, of 160 bits."""
    return INVITED + _text(bytes.fromhex(district_id[-32:]) + secrets.token_bytes(20))


def district_of_invitation(secret: str) -> str | None:
    """The district that an invitation claims to be to; None if it isn't of the form."""
    body = secret[len(INVITED) :]
    if not secret.startswith(INVITED) or len(body) != _LENGTH or not body.isascii():
        return None
    try:
        return "dis_" + base64.b32decode(body.upper() + "=" * (-len(body) % 8))[:16].hex()
    except ValueError:
        return None


def _text(body: bytes) -> str:
    return base64.b32encode(body).decode().rstrip("=").lower()
