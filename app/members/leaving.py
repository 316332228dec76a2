"""A member leaves: what is known of the person is forgotten; an empty member stays, so that the books still balance."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import cast
from uuid import uuid4

from app.foundation.ids import hex_of
from app.foundation.runtime import keyring
from app.foundation.sql_arrays import bytes_array, id_array
from app.foundation.unit_of_work import UnitOfWork
from app.members import queries, services
from app.members.events import MemberErased
from app.members.models import Member

TRACE_DAYS = 365
"""How long a trace of a phone is kept, so that who leaves and joins again earns no welcome twice (domain.md)."""

_FORGET = (
    "UPDATE members SET tags = '{}' WHERE district_id = %(district)s::uuid AND merged_into = %(member)s::uuid",
    "DELETE FROM member_identities WHERE district_id = %(district)s::uuid AND member_id = %(member)s::uuid",
    *(
        f"DELETE FROM {table} WHERE district_id = %(district)s::uuid AND (member_id = %(member)s::uuid OR member_id IN "
        "(SELECT id FROM members WHERE district_id = %(district)s::uuid AND merged_into = %(member)s::uuid))"
        for table in ("member_code_keys", "member_code_uses")
    ),
)
_TRACE = """
    INSERT INTO phone_traces (district_id, trace, left_at, owed, debt_id)
    SELECT %(district)s::uuid, t.trace, %(now)s::timestamptz, %(owed)s::bigint, %(debt)s::uuid
    FROM unnest(%(traces)s::bytea[]) AS t (trace)
    ON CONFLICT (district_id, trace) DO UPDATE
    SET left_at = excluded.left_at, owed = excluded.owed, debt_id = excluded.debt_id
"""
_RETURNED = """
    SELECT trace, debt_id FROM phone_traces
    WHERE district_id = %(district)s AND trace = ANY(%(traces)s::bytea[]) AND left_at > %(since)s
"""
_HOLD_DEBTS = """
    SELECT debt_id, owed FROM phone_traces
    WHERE district_id = %(district)s AND debt_id = ANY(%(debts)s::uuid[]) ORDER BY trace FOR UPDATE
"""
_TAKE_DEBTS = """
    UPDATE phone_traces SET owed = 0 WHERE district_id = %(district)s AND debt_id = ANY(%(debts)s::uuid[])
"""


def hold(uow: UnitOfWork, member_id: str) -> Member:
    """A member and its phones, held still until the commit: who enrols one of them comes before or after.

    Perhaps one that has been erased. Raises NotFound.
    """
    hold_phones(uow, member_id)
    return services.hold(uow, member_id)


def hold_phones(uow: UnitOfWork, member_id: str) -> None:
    """Lets whoever enrols a phone of a member, or sells to it, come before or after. Raises NotFound."""
    queries.lock_phones(uow, _phones(uow, queries.find_member(uow, member_id)))


def erase(uow: UnitOfWork, member: Member, *, owed: int) -> list[bytes]:
    """Forgets the person; gives the blind indexes by which the phones were found. The caller holds both, see `hold`.

    The traces of the phones keep what the member `owed`, under an id that leads nowhere else.
    """
    phones = _phones(uow, member)
    indexes = [index for phone in phones for index in keyring().indexes(uow.district_id, "phone", phone).values()]
    traces = [trace for phone in phones for trace in _traces(uow, phone)]
    if traces:
        uow.write(_TRACE, {"traces": bytes_array(traces), "owed": owed, "debt": uuid4().hex if owed else None})
    for statement in _FORGET:
        uow.write(statement, {"member": hex_of(member.id)})
    member.phone = member.name = member.birthday = None
    member.tags, member.birthday_changed_at = [], None
    member.status = "erased"
    uow.emit(MemberErased(member.id))
    return indexes


def _phones(uow: UnitOfWork, member: Member) -> set[str]:
    own = {services.personal(member, "phone")}
    moved = {
        keyring().open(row.value, bound_to=f"{member.id}/phone")
        for row in queries.identities_of(uow, member.id)
        if row.kind == "phone" and row.value is not None
    }
    return {phone for phone in own | moved if phone is not None}


def _traces(uow: UnitOfWork, phone: str) -> list[bytes]:
    return list(keyring().indexes(uow.district_id, "phone-trace", phone).values())


def take_back(uow: UnitOfWork, phones: Iterable[str]) -> dict[str, int]:
    """Those of some phones whose member left within the last year, with what it owed: that is owed again from now on.

    Whoever had several phones owes by the first of them that comes back. Hold the phones.
    """
    traces = {trace: phone for phone in phones for trace in _traces(uow, phone)}
    if not traces:
        return {}
    values = {
        "district": hex_of(uow.district_id),
        "traces": bytes_array(list(traces)),
        "since": uow.now - timedelta(days=TRACE_DAYS),
    }
    found = [(traces[bytes(trace)], debt) for trace, debt in uow.rows(_RETURNED, values)]
    owing = _take_debts(uow, {debt for _, debt in found if debt})
    back = {phone: 0 for phone, _ in found}
    for phone, debt in found:
        back[phone] += owing.pop(debt, 0)
    return back


def _take_debts(uow: UnitOfWork, debts: set[str]) -> dict[str, int]:
    """What is still owed of debts, once: whoever takes them at the same time comes after."""
    if not debts:
        return {}
    values = {"district": hex_of(uow.district_id), "debts": id_array(sorted(debts))}
    owing: dict[str, int] = dict(cast("list[tuple[str, int]]", uow.rows(_HOLD_DEBTS, values)))
    uow.execute(_TAKE_DEBTS, values)
    return owing


def forget_traces(uow: UnitOfWork) -> int:
    """Drops the district's traces that are older than a year; gives their number."""
    since = uow.now - timedelta(days=TRACE_DAYS)
    query = "DELETE FROM phone_traces WHERE district_id = %s AND left_at <= %s"
    return uow.execute(query, (hex_of(uow.district_id), since)).rowcount
