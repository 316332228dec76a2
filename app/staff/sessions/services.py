"""Sessions of staff: begun by a sign-in, moved to another token whenever what they may do changes, and ended.

They last twelve hours; those of roles with rights to change end after half an hour without a call (see `auth`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of, new_id
from app.foundation.keyring import digest_of
from app.foundation.problems import NotFound, Unauthorized
from app.signin.sms_codes.rules import device_of
from app.staff import queries
from app.staff.accounts import factors, passkeys
from app.staff.models import StaffAccount, StaffSession
from app.staff.sessions import tokens
from app.staff.sessions.places import Workplace

LASTS, WAITS = timedelta(hours=12), timedelta(minutes=5)
STEPPED_UP = timedelta(minutes=5)
MOST_TRIES = 5
KEPT = timedelta(days=30)
_END = """
    UPDATE staff_sessions SET ended_at = %(now)s, ended_by = %(reason)s
    WHERE district_id = %(district)s AND account_id = %(account)s AND ended_at IS NULL
      AND id = coalesce(%(only)s::uuid, id) AND id IS DISTINCT FROM %(but)s::uuid
"""
_END_AT = """
    UPDATE staff_sessions SET ended_at = %(now)s, ended_by = 'all-ended'
    WHERE district_id = %(district)s AND chosen_district = %(chosen)s AND ended_at IS NULL AND expires_at > %(now)s
"""
_FORGET = "DELETE FROM staff_sessions WHERE district_id = %s AND expires_at < %s"


class Opened(NamedTuple):
    """What somebody gets who is signed in: a secret. `wants`: what is to be done before all else.

    `is_replay`: it was given before, and is asked for again.
    """

    token: str
    session_id: str
    account_id: str
    district_id: str | None
    wants: str
    is_replay: bool = False


class WaitingSignIn(NamedTuple):
    """What somebody gets whose second factor is asked for: a secret for that, and by what it can be given.

    `is_replay`: it was given before, and is asked for again.
    """

    token: str
    session_id: str
    account_id: str
    factors: list[str]
    passkey: dict[str, Any] | None
    is_replay: bool = False


def open_session(uow: UnitOfWork, account: StaffAccount, place: Workplace | None, *, is_strong: bool) -> Opened:
    """Signs somebody in who has proven to be the account's owner just now."""
    session, token = _new(uow, account.id, "open", place, expires=LASTS)
    session.is_strong = is_strong
    return _opened(session, token, wants_of(place, is_strong=is_strong))


def let_wait(uow: UnitOfWork, account: StaffAccount, place: Workplace | None) -> WaitingSignIn:
    """Begins a sign-in that its second factor ends."""
    session, token = _new(uow, account.id, "second-factor", place, expires=WAITS)
    own = factors.factors_of(uow, account)
    return WaitingSignIn(token, session.id, account.id, own, passkeys.sign_in_options(uow, account.id, session))


def _new(
    uow: UnitOfWork, account_id: str, stage: str, place: Workplace | None, *, expires: timedelta
) -> tuple[StaffSession, str]:
    token = tokens.new_token(tokens.OPEN if stage == "open" else tokens.WAITING)
    session = StaffSession(
        district_id=uow.district_id,
        id=new_id("sts"),
        account_id=account_id,
        stage=stage,
        token_hash=digest_of(token),
        is_strong=False,
        wrong_tries=0,
        device=device_of(uow.origin.agent if uow.origin else ""),
        started_at=uow.now,
        used_at=uow.now,
        proven_at=uow.now,
        expires_at=uow.now + expires,
    )
    _settle(session, place)
    uow.session.add(session)
    uow.session.flush()
    return session, token


def _settle(session: StaffSession, place: Workplace | None) -> None:
    session.chosen_district = place and place.district_id
    session.role_version = place and place.here.version


def _opened(session: StaffSession, token: str, wants: str) -> Opened:
    return Opened(token, session.id, session.account_id, session.chosen_district, wants)


def wants_of(place: Workplace | None, *, is_strong: bool) -> str:
    """What a session at a place is to do before all else: choose one, or prove itself by a second factor."""
    if place is None:
        return "district"
    return "second-factor" if place.needs_second_factor and not is_strong else ""


def settle(uow: UnitOfWork, session_id: str, place: Workplace) -> bool:
    """Lets a session that has just begun work at a place; says whether a second factor was given."""
    session = queries.session_row(uow, session_id)
    _settle(session, place)
    return session.is_strong


def waiting_session(uow: UnitOfWork, token: str) -> StaffSession | None:
    """The sign-in of a token that waits for its second factor, under lock."""
    return queries.session_of_token(uow, digest_of(token), stage="second-factor", lock=True)


def finish_waiting(
    uow: UnitOfWork, session: StaffSession, account: StaffAccount, answer: Mapping[str, Any]
) -> Opened | None:
    """Opens a session whose second factor is right; None for a wrong one, of which the fifth ends it. Raises RateLimited."""
    if not _is_right(uow, session, account, answer):
        session.wrong_tries += 1
        if session.wrong_tries >= MOST_TRIES:
            session.ended_at, session.ended_by = uow.now, "guessed"
        return None
    session.stage = "open"
    session.started_at = session.used_at = uow.now
    session.expires_at = uow.now + LASTS
    return strengthen(uow, session)


def _is_right(uow: UnitOfWork, session: StaffSession, account: StaffAccount, answer: Mapping[str, Any]) -> bool:
    if answer.get(factors.PASSKEY):
        return passkeys.use(uow, account, session, answer[factors.PASSKEY])
    if answer.get(factors.RECOVERY_CODE):
        return factors.use_recovery_code(uow, account, answer[factors.RECOVERY_CODE])
    return factors.use_otp(uow, account, answer.get(factors.OTP) or "")


def current(uow: UnitOfWork) -> StaffSession:
    """The session by which somebody calls, under lock. Raises Unauthorized for one that has ended."""
    try:
        return queries.find_session(uow, uow.principal.id, uow.principal.session_id or "")
    except NotFound:
        raise over() from None


def over() -> Unauthorized:
    """The refusal of a token that opens nothing any more."""
    return Unauthorized(_l("This session is over: sign in again."), headers={"WWW-Authenticate": "Bearer"})


def move(uow: UnitOfWork, session: StaffSession, place: Workplace | None) -> Opened:
    """Lets a session work at another place, with a new token: the old one stops within five seconds."""
    _settle(session, place)
    return _opened(session, _new_token(uow, session), wants_of(place, is_strong=session.is_strong))


def strengthen(uow: UnitOfWork, session: StaffSession) -> Opened:
    """A session whose owner has proven a second factor just now; it gets a new token, too."""
    session.is_strong = True
    return _opened(session, _new_token(uow, session), "" if session.chosen_district else "district")


def _new_token(uow: UnitOfWork, session: StaffSession) -> str:
    token = tokens.new_token(tokens.OPEN)
    session.token_hash = digest_of(token)
    uow.session.flush()
    return token


def note_proof(uow: UnitOfWork, session: StaffSession) -> datetime:
    """Notes that the password was given just now; gives until when that counts."""
    session.proven_at = uow.now
    return uow.now + STEPPED_UP


def end_sessions(
    uow: UnitOfWork, account_id: str, reason: str, *, only: str | None = None, but: str | None = None
) -> None:
    """Ends an account's sessions: all, `only` one, or all `but` one. Processes notice within five seconds."""
    uow.session.flush()
    uow.execute(
        _END,
        {
            "district": hex_of(uow.district_id),
            "account": hex_of(account_id),
            "now": uow.now,
            "reason": reason,
            "only": only and hex_of(only),
            "but": but and hex_of(but),
        },
    )


def end_all_at(uow: UnitOfWork, district_id: str) -> int:
    """Ends every session that works in a district; gives their number."""
    values = {"district": hex_of(uow.district_id), "chosen": hex_of(district_id), "now": uow.now}
    return uow.execute(_END_AT, values).rowcount


def forget_old(uow: UnitOfWork) -> int:
    """Forgets sessions a month after their end; gives their number."""
    return uow.execute(_FORGET, (hex_of(uow.district_id), uow.now - KEPT)).rowcount
