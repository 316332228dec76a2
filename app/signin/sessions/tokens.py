"""The two tokens of a session, as pure functions.

The access token is a JWT (RFC 7519) signed with HMAC-SHA-256; its `kid` is the version of the signing key. The refresh
token is opaque: `rt_` and 58 base32 characters, which are the district's id and 160 random bits, so that its first
statement in the database already knows the district.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from app.foundation.ids import is_id

PURPOSE = "access-token"
"""What the keys of access tokens are derived for."""
AUDIENCE = "shopper"
_ALGORITHM = "HS256"
_HEAD = "rt_"
_BROWSER_HEAD = "bt_"
_LENGTH = 58


class NotAToken(ValueError):
    """A text that is no access token of ours, or one that has ended."""


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """Who is signed in, in which district, by which session; until when, as read from a token."""

    member_id: str
    district_id: str
    session_id: str
    ends_at: datetime | None = field(default=None, compare=False)


def access_token(
    keys: Mapping[int, bytes], claims: AccessClaims, *, issuer: str, now: datetime, lasts: timedelta
) -> str:
    """A token that the first key signs, good until `now + lasts`."""
    version, secret = next(iter(keys.items()))
    payload = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": claims.member_id,
        "district": claims.district_id,
        "session": claims.session_id,
        "iat": int(now.timestamp()),
        "exp": int((now + lasts).timestamp()),
    }
    return jwt.encode(payload, secret, algorithm=_ALGORITHM, headers={"kid": str(version)})


def read_access_token(keys: Mapping[int, bytes], token: str, *, issuer: str) -> AccessClaims:
    """What a token says. Raises NotAToken for one that no key at hand signed, that is for others, or has ended."""
    try:
        kid = str(jwt.get_unverified_header(token).get("kid"))
        secret = next(secret for version, secret in keys.items() if str(version) == kid)
        said: dict[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            issuer=issuer,
            options={"require": ["exp", "iat", "iss", "aud", "sub", "district", "session"], "verify_iat": False},
        )
    except (jwt.PyJWTError, StopIteration, ValueError) as error:
        raise NotAToken from error
    ends_at = datetime.fromtimestamp(int(said["exp"]), UTC)
    claims = AccessClaims(str(said["sub"]), str(said["district"]), str(said["session"]), ends_at)
    if not (is_id("mem", claims.member_id) and is_id("dis", claims.district_id) and is_id("ses", claims.session_id)):
        raise NotAToken
    return claims


def new_refresh_token(district_id: str) -> str:
    """A fresh secret of a district."""
    return _new(_HEAD, district_id)


def district_of_refresh_token(token: str) -> str | None:
    """The district a refresh token claims to belong to; None if it isn't of the form."""
    return _district_of(_HEAD, token)


def new_browser_token(district_id: str) -> str:
    """What a browser keeps of a session, in a cookie that no script reads: of the form of refresh tokens, but none."""
    return _new(_BROWSER_HEAD, district_id)


def district_of_browser_token(token: str) -> str | None:
    """The district that such a token claims to belong to; None if it isn't of the form."""
    return _district_of(_BROWSER_HEAD, token)


def _new(head: str, district_id: str) -> str:
    body = bytes.fromhex(district_id[-32:]) + secrets.token_bytes(20)
    return head + base64.b32encode(body).decode().rstrip("=").lower()


def _district_of(wanted: str, token: str) -> str | None:
    head, body = token[: len(wanted)], token[len(wanted) :]
    if head != wanted or len(body) != _LENGTH or not body.isascii():
        return None
    try:
        return "dis_" + base64.b32decode(body.upper() + "=" * (-_LENGTH % 8))[:16].hex()
    except ValueError:
        return None
