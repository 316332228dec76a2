"""Sessions: begun by a sign-in, carried on by refresh tokens of which each works once, ended for all of them at once."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from app.config import Settings
from app.foundation.ids import hex_of, new_id
from app.foundation.keyring import digest_of
from app.foundation.runtime import keyring, runtime
from app.foundation.unit_of_work import UnitOfWork
from app.signin import tokens
from app.signin.events import SessionStarted

_START = """
    INSERT INTO sessions (district_id, id, member_id, started_at, used_at, expires_at)
    VALUES (%(district)s, %(id)s, %(member)s, %(now)s, %(now)s, %(expires)s)
"""
_REFRESH = """
    INSERT INTO session_tokens (district_id, token_hash, session_id, issued_at)
    VALUES (%(district)s, %(hash)s, %(session)s, %(now)s)
"""


class SignedIn(NamedTuple):
    """What a phone gets: two secrets, and how long the first one works."""

    member_id: str
    access_token: str
    refresh_token: str
    expires_in: int


def start(uow: UnitOfWork, member_id: str) -> SignedIn:
    """Signs a member in."""
    session_id = new_id("ses")
    settings = runtime().settings
    uow.write(
        _START,
        {
            "id": hex_of(session_id),
            "member": hex_of(member_id),
            "expires": uow.now + timedelta(days=settings.session_days),
        },
    )
    uow.emit(SessionStarted(member_id, session_id))
    return _issue(uow, member_id, session_id, settings)


def _issue(uow: UnitOfWork, member_id: str, session_id: str, settings: Settings) -> SignedIn:
    refresh_token = tokens.new_refresh_token(uow.district_id)
    uow.write(_REFRESH, {"hash": digest_of(refresh_token), "session": hex_of(session_id)})
    access_token = tokens.access_token(
        keyring().signing_secrets(tokens.PURPOSE),
        tokens.Claims(member_id, uow.district_id, session_id),
        issuer=settings.public_url,
        now=uow.now,
        lasts=timedelta(seconds=settings.access_token_seconds),
    )
    return SignedIn(member_id, access_token, refresh_token, settings.access_token_seconds)
