"""The keys of member codes: one for each session, made when it first asks, ended with it; and the codes and tokens that are used.

All live keys of a member are good at tills, whichever phone shows a code. A code of a minute is used once, also where two
phones of one member show theirs in the same minute: the second shows its next one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from app.foundation.database.sql_arrays import id_array, instant_array, number_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.runtime import keyring
from app.members import queries
from app.members.codes import queries as code_queries
from app.members.codes.presence_tokens import Presence
from app.members.codes.queries import open_secret
from app.members.codes.rules import new_secret, secret_text
from app.members.events import MemberCodeKeyReplaced

KEPT = 3
"""So many ended keys of a member are kept: sales that were made offline under them are still to come."""
REMEMBERED = timedelta(days=1)
"""Codes used longer ago are over anyway."""
_USE = f"""
    INSERT INTO member_code_uses (district_id, member_id, step, store_id, used_at)
    VALUES (%(district)s::uuid, {unnested(members="uuid", steps="bigint", stores="uuid")}, %(now)s::timestamptz)
"""
_USE_TOKENS = f"""
    INSERT INTO presence_token_uses (district_id, member_id, store_id, expires_at, used_at)
    VALUES (%(district)s::uuid, {unnested(members="uuid", stores="uuid", ends="timestamptz")}, %(now)s::timestamptz)
"""
_NEXT_VERSION = """
    SELECT coalesce(max(version), 0) + 1 FROM member_code_keys WHERE district_id = %(district)s AND member_id = %(member)s
"""
_ADD = """
    INSERT INTO member_code_keys (district_id, member_id, version, session_id, secret, started_at, ended_at)
    VALUES (%(district)s, %(member)s, %(version)s, %(session)s, %(secret)s, %(now)s, %(ends)s)
"""
_FORGET_ENDED = """
    DELETE FROM member_code_keys WHERE district_id = %(district)s AND member_id = %(member)s AND version IN (
        SELECT version FROM member_code_keys
        WHERE district_id = %(district)s AND member_id = %(member)s AND ended_at <= %(now)s
        ORDER BY ended_at DESC, version DESC OFFSET %(kept)s
    )
"""
_CARRY_ON = """
    UPDATE member_code_keys SET ended_at = %(ends)s
    WHERE district_id = %(district)s AND member_id = %(member)s AND session_id = %(session)s AND ended_at = %(until)s
"""
_END = """
    UPDATE member_code_keys SET ended_at = %(now)s
    WHERE district_id = %(district)s AND member_id = ANY(%(members)s::uuid[]) AND ended_at > %(now)s
      AND (%(sessions)s::uuid[] IS NULL OR session_id IS NULL OR session_id = ANY(%(sessions)s::uuid[]))
"""
Use = tuple[str, int, str | None]
"""Member id, minute, store id (None where none is named)."""


def use_codes(uow: UnitOfWork, uses: Iterable[Use]) -> None:
    """Marks codes as used, with the other writes. If a neighbour was quicker the unit of work is to be done again."""
    ordered = sorted(set(uses), key=lambda use: use[:2])
    if ordered:
        uow.write(
            _USE,
            {
                "members": id_array([member for member, _, _ in ordered]),
                "steps": number_array([step for _, step, _ in ordered]),
                "stores": id_array([store for _, _, store in ordered]),
            },
        )


def use_tokens(uow: UnitOfWork, tokens: Iterable[Presence]) -> None:
    """Marks presence tokens as used to spend, as `use_codes` does codes."""
    ordered = sorted(set(tokens))
    if ordered:
        uow.write(
            _USE_TOKENS,
            {
                "members": id_array([one.member_id for one in ordered]),
                "stores": id_array([one.store_id for one in ordered]),
                "ends": instant_array([one.expires_at for one in ordered]),
            },
        )


def forget_used(uow: UnitOfWork) -> int:
    """Forgets used codes and tokens that are over since a day; gives their number."""
    query = "DELETE FROM {} WHERE district_id = %s AND used_at < %s"
    values = (hex_of(uow.district_id), uow.now - REMEMBERED)
    tables = ("member_code_uses", "presence_token_uses")
    return sum(uow.execute(query.format(table), values).rowcount for table in tables)


def secret_of_session(uow: UnitOfWork, member_id: str, session_id: str, ends_at: datetime) -> bytes:
    """The key of one session of a member; if it has none one is made now, until the session's end (`ends_at`).

    Hold the locks of both.
    """
    found = code_queries.secret_of_session(uow, member_id, session_id)
    return found or _make(uow, member_id, session_id, ends_at)


def _make(uow: UnitOfWork, member_id: str, session_id: str, ends_at: datetime) -> bytes:
    secret = new_secret()
    values = {
        "district": hex_of(uow.district_id),
        "member": hex_of(member_id),
        "session": hex_of(session_id),
        "secret": _seal(secret, member_id),
        "now": uow.now,
        "ends": ends_at,
        "kept": KEPT,
    }
    uow.execute(_FORGET_ENDED, values)
    [(version,)] = uow.rows(_NEXT_VERSION, values)
    uow.execute(_ADD, {**values, "version": version})
    return secret


def replace_keys(uow: UnitOfWork, member_id: str, session_id: str, ends_at: datetime) -> bytes:
    """Ends all keys of a member, and gives one session a new one: codes of the old ones prove nothing any more.

    Hold the locks of member and session.
    """
    end_keys(uow, member_id)
    secret = _make(uow, member_id, session_id, ends_at)
    uow.emit(MemberCodeKeyReplaced(member_id))
    return secret


def extend_key(uow: UnitOfWork, member_id: str, session_id: str, until: datetime, ends_at: datetime) -> None:
    """A session is carried on: its key, which was to end with it at `until`, now ends at `ends_at` as well.

    A key that somebody has ended earlier, if only a moment ago, stays ended.
    """
    values = {"member": hex_of(member_id), "session": hex_of(session_id), "until": until, "ends": ends_at}
    uow.write(_CARRY_ON, values)


def end_keys(uow: UnitOfWork, member_id: str, sessions: Collection[str] | None = None) -> None:
    """Ends a member's keys, and those of members that were merged into it: all, or those of some sessions.

    One that belongs to no session was given to every phone of the member, and ends with any of them.
    """
    if sessions is not None and not sessions:
        return
    members = id_array(queries.with_merged(uow, member_id))
    uow.write(_END, {"members": members, "sessions": None if sessions is None else id_array(list(sessions))})


def end_all(uow: UnitOfWork) -> None:
    """Ends every key of the district."""
    uow.write(
        "UPDATE member_code_keys SET ended_at = %(now)s WHERE district_id = %(district)s AND ended_at > %(now)s", {}
    )


def refresh_seals(uow: UnitOfWork, member_id: str) -> bool:
    """Seals the member's keys under the newest sealing key; says whether it had to. Raises SealBroken."""
    sealed_keys = code_queries.sealed_keys(uow, member_id)
    old = [(version, sealed) for version, sealed in sealed_keys if not keyring().seal_is_current(sealed)]
    for version, sealed in old:
        uow.execute(
            "UPDATE member_code_keys SET secret = %s WHERE district_id = %s AND member_id = %s AND version = %s",
            (_seal(open_secret(sealed, member_id), member_id), hex_of(uow.district_id), hex_of(member_id), version),
        )
    return bool(old)


def _seal(secret: bytes, member_id: str) -> bytes:
    return keyring().seal(secret_text(secret), bound_to=f"{member_id}/code-key")
