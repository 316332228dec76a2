"""Reading of this room, locks included."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, select

from app.foundation.database.everywhere import ask_everywhere
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound
from app.signin.models import SignInSession


class LockedChallenge(NamedTuple):
    """A challenge under lock; its phone is sealed."""

    phone: bytes
    wrong_tries: int
    is_open: bool
    asked_from: bytes


class LockedSession(NamedTuple):
    """A session under lock."""

    id: str
    member_id: str
    is_open: bool
    expires_at: datetime


def is_open(uow: UnitOfWork, session_id: str, member_id: str) -> bool:
    """Whether a member's session goes on."""
    query = "SELECT FROM sessions WHERE district_id = %s AND id = %s AND member_id = %s AND ended_at IS NULL AND expires_at > %s"
    return bool(uow.rows(query, (hex_of(uow.district_id), hex_of(session_id), hex_of(member_id), uow.now)))


def open_sessions(uow: UnitOfWork, member_id: str) -> Select[SignInSession]:
    """A member's sessions that go on."""
    return select(SignInSession).where(
        SignInSession.district_id == uow.district_id,
        SignInSession.member_id == member_id,
        SignInSession.ended_at.is_(None),
        SignInSession.expires_at > uow.now,
    )


def open_now(uow: UnitOfWork, member_id: str) -> list[SignInSession]:
    """A member's sessions that go on, newest first; there are five at most."""
    return list(uow.session.scalars(open_sessions(uow, member_id).order_by(SignInSession.id.desc())))


def find_session(uow: UnitOfWork, member_id: str, session_id: str, *, hold: bool = False) -> SignInSession:
    """One of a member's sessions that goes on; asked for once in a unit of work, or anew to hold it. Raises NotFound."""
    held = {"read": True} if hold else None
    found = uow.session.get(SignInSession, (uow.district_id, session_id), with_for_update=held, populate_existing=hold)
    if found is None or found.member_id != member_id or found.ended_at is not None or found.expires_at <= uow.now:
        raise NotFound
    return found


def lock_challenge(uow: UnitOfWork, challenge_id: str) -> LockedChallenge | None:
    """Locks a challenge: tries come one after another."""
    rows = uow.rows(
        "SELECT phone, wrong_tries, used_at IS NULL AND expires_at > %s, asked_from FROM sign_in_challenges "
        "WHERE district_id = %s AND id = %s FOR UPDATE",
        (uow.now, hex_of(uow.district_id), hex_of(challenge_id)),
    )
    return LockedChallenge(*rows[0]) if rows else None


def challenges_kept(uow: UnitOfWork) -> list[tuple[str, bytes, datetime, datetime]]:
    """Challenges that aren't over: id, sealed phone, when asked for and when over; the newest first."""
    rows = uow.rows(
        "SELECT id, phone, created_at, expires_at FROM sign_in_challenges "
        "WHERE district_id = %s AND expires_at > %s ORDER BY created_at DESC, id LIMIT 1000",
        (hex_of(uow.district_id), uow.now),
    )
    return [(f"chl_{challenge}", *rest) for challenge, *rest in rows]


def lock_session_of(uow: UnitOfWork, token_hash: bytes) -> LockedSession | None:
    """Locks the session to which a refresh token belongs, used or not."""
    rows = uow.rows(
        "SELECT s.id, s.member_id, s.ended_at IS NULL AND s.expires_at > %s, s.expires_at FROM session_tokens AS t "
        "JOIN sessions AS s ON s.district_id = t.district_id AND s.id = t.session_id "
        "WHERE t.district_id = %s AND t.token_hash = %s FOR UPDATE OF s",
        (uow.now, hex_of(uow.district_id), token_hash),
    )
    return LockedSession(f"ses_{rows[0][0]}", f"mem_{rows[0][1]}", *rows[0][2:]) if rows else None


def session_of(uow: UnitOfWork, token_hash: bytes) -> tuple[str, str] | None:
    """The session to which a token belongs, and its member, while it is open."""
    rows = uow.rows(
        "SELECT s.id, s.member_id FROM session_tokens AS t "
        "JOIN sessions AS s ON s.district_id = t.district_id AND s.id = t.session_id "
        "WHERE t.district_id = %s AND t.token_hash = %s AND s.ended_at IS NULL AND s.expires_at > %s",
        (hex_of(uow.district_id), token_hash, uow.now),
    )
    return (f"ses_{rows[0][0]}", f"mem_{rows[0][1]}") if rows else None


def sessions_of(uow: UnitOfWork, member_ids: Collection[str]) -> list[SignInSession]:
    """All sessions of members that are kept, newest first."""
    query = select(SignInSession).where(
        SignInSession.district_id == uow.district_id, SignInSession.member_id.in_(member_ids)
    )
    return list(uow.session.scalars(query.order_by(SignInSession.id.desc())))


def codes_waiting() -> list[tuple[str, str]]:
    """Districts and challenges, of all districts, whose codes should have left by now."""
    query = "SELECT district_id, id FROM codes_waiting(%s, %s::uuid[])"
    rows = ask_everywhere(lambda uow, among: uow.rows(query, (uow.now, among)))
    return [(f"dis_{district}", f"chl_{challenge}") for district, challenge in rows]
