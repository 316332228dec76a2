"""The keys of member codes: made when first asked for, and replaced; and the codes that are used, once each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from app.foundation.ids import hex_of
from app.foundation.runtime import keyring
from app.foundation.sql_arrays import id_array, number_array, rows_of
from app.foundation.unit_of_work import UnitOfWork
from app.members import code_queries, queries
from app.members.code_queries import open_secret
from app.members.codes import new_secret, secret_text
from app.members.events import MemberCodeKeyReplaced
from app.members.models import Member

KEPT = 3
"""So many replaced keys of a member are kept: sales that were made offline under them are still to come."""
REMEMBERED = timedelta(days=1)
"""Codes used longer ago are over anyway."""

_USE = f"""
    INSERT INTO member_code_uses (district_id, member_id, step, store_id, used_at)
    SELECT %(district)s::uuid, u.*, %(now)s::timestamptz
    FROM {rows_of(members="uuid", steps="bigint", stores="uuid")} AS u
"""


Use = tuple[str, int, str]
"""Member id, minute, store id."""


def use(uow: UnitOfWork, uses: Iterable[Use]) -> None:
    """Marks codes as used, with the other writes. If a neighbour was quicker the unit of work is to be done again."""
    ordered = sorted(set(uses))
    if ordered:
        uow.write(
            _USE,
            {
                "members": id_array([member for member, _, _ in ordered]),
                "steps": number_array([step for _, step, _ in ordered]),
                "stores": id_array([store for _, _, store in ordered]),
            },
        )


def forget_used(uow: UnitOfWork) -> int:
    """Forgets used codes that are over since a day; gives their number."""
    query = "DELETE FROM member_code_uses WHERE district_id = %s AND used_at < %s"
    return uow.execute(query, (hex_of(uow.district_id), uow.now - REMEMBERED)).rowcount


def current_secret(uow: UnitOfWork, member: Member) -> bytes:
    """The key that holds; made now if the member has none."""
    secret = new_secret()
    made = uow.rows(
        "INSERT INTO member_code_keys (district_id, member_id, version, secret, started_at) "
        "SELECT %(district)s::uuid, %(member)s::uuid, coalesce(max(version), 0) + 1, %(secret)s, %(now)s "
        "FROM member_code_keys WHERE district_id = %(district)s::uuid AND member_id = %(member)s::uuid "
        "HAVING coalesce(bool_and(ended_at IS NOT NULL), true) ON CONFLICT DO NOTHING RETURNING 1",
        {
            "district": hex_of(uow.district_id),
            "member": hex_of(member.id),
            "secret": _seal(secret, member.id),
            "now": uow.now,
        },
    )
    if made:
        return secret
    return code_queries.current_secret(uow, member.id)


def replace(uow: UnitOfWork, member: Member) -> bytes:
    """Ends the key that holds, and gives a new one: codes of the old one prove nothing any more."""
    queries.hold_member(uow, member.id)
    end(uow, member.id)
    secret = current_secret(uow, member)
    uow.execute(
        "DELETE FROM member_code_keys WHERE district_id = %(district)s AND member_id = %(member)s AND version < ("
        "SELECT max(version) - %(kept)s FROM member_code_keys "
        "WHERE district_id = %(district)s AND member_id = %(member)s)",
        {"district": hex_of(uow.district_id), "member": hex_of(member.id), "kept": KEPT},
    )
    uow.emit(MemberCodeKeyReplaced(member.id))
    return secret


def end(uow: UnitOfWork, member_id: str) -> None:
    """Ends the key that holds, if there is one, and those of members that were merged into this one."""
    uow.execute(
        "UPDATE member_code_keys SET ended_at = %s WHERE district_id = %s AND member_id = ANY(%s::uuid[]) "
        "AND ended_at IS NULL",
        (uow.now, hex_of(uow.district_id), id_array(queries.with_merged(uow, member_id))),
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
