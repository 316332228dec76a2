"""Reading of member codes: who has a number, from which keys the phone makes codes, and which have been used."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import id_array, instant_array, rows_of, text_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.runtime import keyring
from app.members.codes.presence_tokens import Presence
from app.members.codes.rules import CodeKey, secret_of, step_at

_HOLDERS = """
    SELECT m.number, m.id, m.name, m.proved_at, k.secret, k.ended_at, ARRAY(
        SELECT u.step FROM member_code_uses AS u
        WHERE u.district_id = %(district)s::uuid AND u.member_id = m.id AND u.step >= %(since)s::bigint
    )
    FROM members AS m JOIN member_code_keys AS k ON k.district_id = m.district_id AND k.member_id = m.id
    WHERE m.district_id = %(district)s::uuid AND m.number = ANY(%(numbers)s::text[])
    ORDER BY k.version DESC
"""


@dataclass(slots=True)
class Holder:
    """Whose number it is. `used`: the minutes, of the last few, whose codes have been used.

    `proved_at`: when the member last proved to be there, as far as it is noted.
    """

    member_id: str
    name: bytes | None
    proved_at: datetime | None
    keys: list[CodeKey]
    used: set[int]


def ask_holders(uow: UnitOfWork, numbers: Iterable[str]) -> Asked[dict[str, Holder]]:
    """Sends the question who has these member numbers, and the keys; call the result for those who have keys."""
    wanted = sorted(set(numbers))
    if not wanted:
        return dict
    since = step_at(uow.now) - 1
    cursor = uow.execute(_HOLDERS, {"district": hex_of(uow.district_id), "numbers": text_array(wanted), "since": since})

    def answer() -> dict[str, Holder]:
        holders: dict[str, Holder] = {}
        for number, member, name, proved_at, sealed, ended_at, used in cursor.fetchall():
            holder = holders.setdefault(number, Holder(f"mem_{member}", name, proved_at, [], set(used)))
            holder.keys.append(CodeKey(open_secret(sealed, holder.member_id), ended_at))
        return holders

    return answer


_USED_TOKENS = f"""
    SELECT u.member_id, u.store_id, u.expires_at
    FROM {rows_of(members="uuid", stores="uuid", ends="timestamptz")} AS t (member, store, expires_at)
    JOIN presence_token_uses AS u ON u.district_id = %(district)s::uuid AND u.member_id = t.member
      AND u.store_id = t.store AND u.expires_at = t.expires_at
"""


def ask_used_tokens(uow: UnitOfWork, tokens: Collection[Presence]) -> Asked[set[Presence]]:
    """Sends the question which presence tokens have spent already; call the result for them."""
    if not tokens:
        return set
    values = {
        "district": hex_of(uow.district_id),
        "members": id_array([one.member_id for one in tokens]),
        "stores": id_array([one.store_id for one in tokens]),
        "ends": instant_array([one.expires_at for one in tokens]),
    }
    cursor = uow.execute(_USED_TOKENS, values)
    return lambda: {
        Presence(f"mem_{member}", f"str_{store}", expires_at) for member, store, expires_at in cursor.fetchall()
    }


def secret_of_session(uow: UnitOfWork, member_id: str, session_id: str) -> bytes | None:
    """The key that a session of a member holds, if it has one."""
    rows = uow.rows(
        "SELECT secret FROM member_code_keys "
        "WHERE district_id = %s AND member_id = %s AND session_id = %s AND ended_at > %s",
        (hex_of(uow.district_id), hex_of(member_id), hex_of(session_id), uow.now),
    )
    return open_secret(rows[0][0], member_id) if rows else None


def sealed_keys(uow: UnitOfWork, member_id: str) -> list[tuple[int, bytes]]:
    """Version and sealed key of each key of a member."""
    query = "SELECT version, secret FROM member_code_keys WHERE district_id = %s AND member_id = %s"
    return [(version, sealed) for version, sealed in uow.rows(query, (hex_of(uow.district_id), hex_of(member_id)))]


def open_secret(sealed: bytes, member_id: str) -> bytes:
    """A key, opened. Raises SealBroken."""
    return secret_of(keyring().open(sealed, bound_to=f"{member_id}/code-key"))
