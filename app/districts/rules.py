"""Scopes, and the form of an API key's secret, as pure functions.

A secret is `sk_live_` (or `sk_test_`, in a sandbox) and 58 base32 characters: the district's id and 160 random bits.
A key so carries its district, and its first statement in the database already knows it. Tokens of tills are made in the
same way, with another head.
"""

from __future__ import annotations

import base64
import secrets

TIME_ZONE = "Asia/Shanghai"
"""Of a district that names none."""
SCOPES = (
    "transactions:write",
    "transactions:read",
    "transactions:backdate",
    "members:write",
    "members:read",
    "points:adjust",
    "points:spend-unproven",
    "campaigns:write",
    "campaigns:read",
    "coupons:issue",
    "coupons:redeem",
    "coupons:read",
    "programme:write",
    "programme:read",
    "merchants:write",
    "merchants:read",
    "tills:write",
    "staff:write",
    "staff:read",
    "keys:write",
    "webhooks:write",
    "settlement:write",
    "settlement:read",
    "disputes:write",
    "payments:write",
    "payments:read",
    "figures:read",
    "*",
)

MERCHANT_SCOPES = (
    "transactions:write",
    "transactions:read",
    "members:write",
    "members:read",
    "coupons:redeem",
    "coupons:read",
    "figures:read",
    "settlement:read",
    "disputes:write",
)
"""What a merchant's or store's key may do if nothing else is said."""

_LENGTH = 58


def new_secret(district_id: str, mode: str, head: str = "sk") -> str:
    """A fresh secret of a district."""
    body = bytes.fromhex(district_id[-32:]) + secrets.token_bytes(20)
    kind = "live" if mode == "live" else "test"
    return f"{head}_{kind}_{base64.b32encode(body).decode().rstrip('=').lower()}"


def district_of(secret: str, head: str = "sk") -> str | None:
    """The district a secret claims to belong to; None if it isn't a secret's form."""
    start, body = secret[:8], secret[8:]
    if start not in (f"{head}_live_", f"{head}_test_") or len(body) != _LENGTH or not body.isascii():
        return None
    try:
        return "dis_" + base64.b32decode(body.upper() + "=" * (-_LENGTH % 8))[:16].hex()
    except ValueError:
        return None


def join_link(public_url: str, slug: str, store_id: str) -> str:
    """Where somebody joins who scans a store's QR code."""
    return f"{public_url.rstrip('/')}/s/{slug}/join/{store_id}"
