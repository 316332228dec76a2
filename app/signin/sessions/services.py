"""Sessions: begun by a sign-in, carried on by refresh tokens of which each works once, ended for all of them at once.

With a session ends the key of member codes that its phone holds. A member has a few at a time: more keys would make codes
easier to guess.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from app.config import Settings
from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of, new_id
from app.foundation.keyring import digest_of
from app.foundation.problems import NotFound, Unauthorized
from app.foundation.runtime import keyring, runtime
from app.members import queries as members
from app.members import services as member_services
from app.members.codes import keys as code_keys
from app.signin import queries
from app.signin.events import AllSessionsEnded, SessionEnded, SessionStarted
from app.signin.models import SignInSession
from app.signin.sessions import tokens
from app.signin.sms_codes import rules

_START = """
    INSERT INTO sessions (district_id, id, member_id, started_at, used_at, expires_at, device, proven_at)
    VALUES (%(district)s, %(id)s, %(member)s, %(now)s, %(now)s, %(expires)s, %(device)s, %(now)s)
"""
_BELONGS = """
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
      AND id NOT IN (
        SELECT id FROM sessions WHERE district_id = %(district)s AND member_id = %(member)s AND ended_at IS NULL
          AND expires_at > %(now)s ORDER BY used_at DESC, id DESC LIMIT %(newest)s
      )
    RETURNING id
"""
_END_ALL = """
    UPDATE sessions SET ended_at = %s, ended_by = 'all-ended'
    WHERE district_id = %s AND ended_at IS NULL AND expires_at > %s
"""
_FORGET_SESSIONS = (
    "DELETE FROM sessions WHERE district_id = %s AND used_at < %s AND (ended_at IS NOT NULL OR expires_at < %s)"
)
_FORGET_MEMBER = "DELETE FROM sessions WHERE district_id = %s AND member_id = ANY(%s::uuid[])"
_FORGET_TOKENS = "DELETE FROM session_tokens WHERE district_id = %s AND used_at < %s"
_PROVE = "UPDATE sessions SET proven_at = %(now)s WHERE district_id = %(district)s AND id = %(id)s"
_DROP_CHANGES = """
    DELETE FROM phone_changes
    WHERE district_id = %(district)s AND member_id = %(member)s
      AND (%(sessions)s::uuid[] IS NULL OR session_id = ANY(%(sessions)s::uuid[]))
"""
_DROP_ALL_CHANGES = "DELETE FROM phone_changes WHERE district_id = %(district)s"
FRESH = timedelta(minutes=5)
"""How long a code to the member's number opens what can't be undone."""
MOST_OPEN = 5
"""Phones on which a member is signed in at a time; one more ends the session that wasn't used for longest."""


class SignedIn(NamedTuple):
    """What a phone gets: two secrets, and for how many seconds the first one works. The session is ours to know."""

    member_id: str
    access_token: str
    refresh_token: str
    expires_in: int
    session_id: str


def start_session(uow: UnitOfWork, member_id: str) -> SignedIn:
    """Signs a member in."""
    return _issue(uow, member_id, _begin(uow, member_id), runtime().settings)


def start_in_browser(uow: UnitOfWork, member_id: str) -> str:
    """Signs a member in on a browser; gives the token that its cookie keeps as long as the session lasts.

    It doesn't rotate: pages that load at one time would use a token that works once twice, and a phone that loses the
    network in an answer would be signed out. No script can read it, and it is no refresh token.
    """
    session_id, token = _begin(uow, member_id), tokens.new_browser_token(uow.district_id)
    uow.write(_BELONGS, {"hash": digest_of(token), "session": hex_of(session_id)})
    return token


def extend(uow: UnitOfWork, session: SignInSession) -> None:
    """Carries a browser's session on: its member is here again, and it lasts as if it began now."""
    ends_at = uow.now + _lasts(runtime().settings)
    uow.write(_CARRY_ON, {"id": hex_of(session.id), "expires": ends_at})
    code_keys.extend_key(uow, session.member_id, session.id, session.expires_at, ends_at)
    member_services.prove_members(uow, [session.member_id])


def _begin(uow: UnitOfWork, member_id: str) -> str:
    end_sessions(uow, member_id, "too-many", newest=MOST_OPEN - 1)
    session_id = new_id("ses")
    settings = runtime().settings
    values = {"id": hex_of(session_id), "member": hex_of(member_id), "expires": uow.now + _lasts(settings)}
    uow.write(_START, {**values, "device": rules.device_of(uow.origin.agent if uow.origin else "")})
    member_services.prove_members(uow, [member_id])
    uow.emit(SessionStarted(member_id, session_id))
    return session_id


def carry_on(uow: UnitOfWork, refresh_token: str) -> SignedIn | None:
    """New tokens for a refresh token that is used by this; None where the session is over.

    A token that was used before ends its session at once: one of the two who hold it has stolen it. There is no grace
    for whoever asks twice at one time: an idempotency key repeats the answer.
    """
    digest = digest_of(refresh_token)
    session = queries.lock_session_of(uow, digest)
    if session is None or not session.is_open:
        return None
    if not uow.rows(_USE, (uow.now, hex_of(uow.district_id), digest)):
        end_sessions(uow, session.member_id, "reused", only=session.id)
        return None
    settings = runtime().settings
    ends_at = uow.now + _lasts(settings)
    uow.write(_CARRY_ON, {"id": hex_of(session.id), "expires": ends_at})
    code_keys.extend_key(uow, session.member_id, session.id, session.expires_at, ends_at)
    member_services.prove_members(uow, [session.member_id])
    return _issue(uow, session.member_id, session.id, settings)


def current(uow: UnitOfWork, *, hold: bool = False) -> SignInSession:
    """The session by which the member calls; if held, whoever ends it comes after. Raises Unauthorized for one that ended."""
    try:
        return queries.find_session(uow, uow.principal.id, uow.principal.session_id or "", hold=hold)
    except NotFound:
        raise Unauthorized(
            _l("This access token has ended, or is none."), headers={"WWW-Authenticate": "Bearer"}
        ) from None


def end_sessions(
    uow: UnitOfWork,
    member_id: str,
    reason: str,
    *,
    only: str | None = None,
    but: str | None = None,
    newest: int = 0,
) -> None:
    """Ends a member's sessions: all, `only` one, all `but` one, or but the `newest`.

    With them end their keys of member codes, and the change of phone that one of them asked for. Processes notice within
    five seconds.
    """
    rows = uow.rows(
        _END,
        {
            "district": hex_of(uow.district_id),
            "member": hex_of(member_id),
            "only": only and hex_of(only),
            "but": but and hex_of(but),
            "newest": newest,
            "reason": reason,
            "now": uow.now,
        },
    )
    ended = [f"ses_{session}" for (session,) in rows]
    some = ended if only or but or newest else None
    code_keys.end_keys(uow, member_id, some)
    if some is None or some:
        uow.write(_DROP_CHANGES, {"member": hex_of(member_id), "sessions": None if some is None else id_array(some)})
    uow.emit(*(SessionEnded(member_id, session, reason) for session in ended))


def note_proof(uow: UnitOfWork) -> None:
    """Notes that the member who calls has just given a code to its number."""
    uow.write(_PROVE, {"id": hex_of(current(uow).id)})


def is_fresh(uow: UnitOfWork) -> bool:
    """Whether the session at hand began with a code, or was given one, in the last minutes."""
    return uow.now < fresh_until(current(uow))


def fresh_until(session: SignInSession) -> datetime:
    """Until when a session counts as just proven."""
    return session.proven_at + FRESH


def end_all(uow: UnitOfWork) -> int:
    """Ends every session of the district with what hangs on them (see `end`); gives the number of sessions.

    For the day on which keys or tokens are known to strangers. Every member signs in anew.
    """
    ended = uow.execute(_END_ALL, (uow.now, hex_of(uow.district_id), uow.now)).rowcount
    code_keys.end_all(uow)
    uow.write(_DROP_ALL_CHANGES, {})
    uow.emit(AllSessionsEnded(ended))
    return ended


def forget(uow: UnitOfWork, member_id: str) -> None:
    """Ends the sessions of a member who is erased, and keeps nothing of them."""
    end_sessions(uow, member_id, "erased")
    uow.execute(_FORGET_MEMBER, (hex_of(uow.district_id), id_array(members.with_merged(uow, member_id))))


def revoke(uow: UnitOfWork, refresh_token: str) -> None:
    """Ends the session of a refresh token, used or not; does nothing where there is none."""
    session = queries.lock_session_of(uow, digest_of(refresh_token))
    if session is not None:
        end_sessions(uow, session.member_id, "revoked", only=session.id)


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
    uow.write(_BELONGS, {"hash": digest_of(refresh_token), "session": hex_of(session_id)})
    access_token = tokens.access_token(
        keyring().signing_secrets(tokens.PURPOSE),
        tokens.AccessClaims(member_id, uow.district_id, session_id),
        issuer=settings.public_url,
        now=uow.now,
        lasts=timedelta(seconds=settings.access_token_seconds),
    )
    return SignedIn(member_id, access_token, refresh_token, settings.access_token_seconds, session_id)
