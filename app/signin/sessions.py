"""Sessions: begun by a sign-in, carried on by refresh tokens of which each works once, ended for all of them at once."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from app.config import Settings
from app.foundation.ids import hex_of, new_id
from app.foundation.keyring import digest_of
from app.foundation.runtime import keyring, runtime
from app.foundation.sql_arrays import id_array
from app.foundation.unit_of_work import UnitOfWork
from app.members import code_keys
from app.members import queries as members
from app.signin import queries, tokens
from app.signin.events import SessionEnded, SessionStarted

_START = """
    INSERT INTO sessions (district_id, id, member_id, started_at, used_at, expires_at)
    VALUES (%(district)s, %(id)s, %(member)s, %(now)s, %(now)s, %(expires)s)
"""
_REFRESH = """
    INSERT INTO session_tokens (district_id, token_hash, session_id, issued_at)
    VALUES (%(district)s, %(hash)s, %(session)s, %(now)s)
"""
_USE = """
    UPDATE session_tokens SET used_at = %s WHERE district_id = %s AND token_hash = %s AND used_at IS NULL RETURNING 1
"""
_CARRY_ON = """
    UPDATE sessions SET used_at = %(now)s, expires_at = %(expires)s WHERE district_id = %(district)s AND id = %(id)s
"""
_END = """
    UPDATE sessions SET ended_at = %(now)s, ended_by = %(reason)s
    WHERE district_id = %(district)s AND member_id = %(member)s AND ended_at IS NULL AND expires_at > %(now)s
      AND id = coalesce(%(only)s::uuid, id) AND id IS DISTINCT FROM %(but)s::uuid
    RETURNING id
"""
_FORGET_SESSIONS = (
    "DELETE FROM sessions WHERE district_id = %s AND used_at < %s AND (ended_at IS NOT NULL OR expires_at < %s)"
)
_FORGET_MEMBER = "DELETE FROM sessions WHERE district_id = %s AND member_id = ANY(%s::uuid[])"
_FORGET_TOKENS = "DELETE FROM session_tokens WHERE district_id = %s AND used_at < %s"

_IN_OTHER_HANDS = ("reused", "phone-changed", "phone-recycled")


class SignedIn(NamedTuple):
    """What a phone gets: two secrets, and for how many seconds the first one works."""

    member_id: str
    access_token: str
    refresh_token: str
    expires_in: int


def start(uow: UnitOfWork, member_id: str) -> SignedIn:
    """Signs a member in."""
    session_id = new_id("ses")
    settings = runtime().settings
    uow.write(_START, {"id": hex_of(session_id), "member": hex_of(member_id), "expires": uow.now + _lasts(settings)})
    uow.emit(SessionStarted(member_id, session_id))
    return _issue(uow, member_id, session_id, settings)


def carry_on(uow: UnitOfWork, refresh_token: str) -> SignedIn | None:
    """New tokens for a refresh token that is used by this; None where the session is over.

    A token that was used before ends its session at once: one of the two who hold it has stolen it. There is no grace
    for whoever asks twice at one time: an idempotency key repeats the answer.
    """
    digest = digest_of(refresh_token)
    session = queries.hold_session_of(uow, digest)
    if session is None or not session.is_open:
        return None
    if not uow.rows(_USE, (uow.now, hex_of(uow.district_id), digest)):
        end(uow, session.member_id, "reused", only=session.id)
        return None
    settings = runtime().settings
    uow.write(_CARRY_ON, {"id": hex_of(session.id), "expires": uow.now + _lasts(settings)})
    return _issue(uow, session.member_id, session.id, settings)


def end(uow: UnitOfWork, member_id: str, reason: str, *, only: str | None = None, but: str | None = None) -> None:
    """Ends a member's sessions: all of them, `only` one, or all `but` one. Processes notice within five seconds.

    Where another may hold the phone, the key of member codes that it keeps ends, too: who stays fetches a new one.
    """
    rows = uow.rows(
        _END,
        {
            "district": hex_of(uow.district_id),
            "member": hex_of(member_id),
            "only": only and hex_of(only),
            "but": but and hex_of(but),
            "reason": reason,
            "now": uow.now,
        },
    )
    if reason in _IN_OTHER_HANDS:
        code_keys.end(uow, member_id)
    uow.emit(*(SessionEnded(member_id, f"ses_{session}", reason) for (session,) in rows))


def forget(uow: UnitOfWork, member_id: str) -> None:
    """Ends the sessions of a member who is erased, and keeps nothing of them."""
    end(uow, member_id, "erased")
    uow.execute(_FORGET_MEMBER, (hex_of(uow.district_id), id_array(members.with_merged(uow, member_id))))


def revoke(uow: UnitOfWork, refresh_token: str) -> None:
    """Ends the session of a refresh token, used or not; does nothing where there is none."""
    session = queries.hold_session_of(uow, digest_of(refresh_token))
    if session is not None:
        end(uow, session.member_id, "revoked", only=session.id)


def forget_old(uow: UnitOfWork) -> int:
    """Forgets sessions that are over once they tell nothing of recycled numbers any more; gives their number.

    Used tokens are forgotten when no session would carry on by their successor: a copy is then unknown.
    """
    settings = runtime().settings
    kept = max(settings.recycled_after_days, settings.session_days)
    district = hex_of(uow.district_id)
    uow.execute(_FORGET_TOKENS, (district, uow.now - _lasts(settings)))
    return uow.execute(_FORGET_SESSIONS, (district, uow.now - timedelta(days=kept + 1), uow.now)).rowcount


def _lasts(settings: Settings) -> timedelta:
    return timedelta(days=settings.session_days)


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
