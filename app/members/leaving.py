"""A member leaves: what is known of the person is forgotten; an empty member stays, so that the books still balance."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from app.foundation.ids import hex_of
from app.foundation.runtime import keyring
from app.foundation.sql_arrays import bytes_array
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
    INSERT INTO phone_traces (district_id, trace, left_at)
    SELECT %(district)s::uuid, t.trace, %(now)s::timestamptz FROM unnest(%(traces)s::bytea[]) AS t (trace)
    ON CONFLICT (district_id, trace) DO UPDATE SET left_at = excluded.left_at
"""
_RETURNED = """
    SELECT trace FROM phone_traces
    WHERE district_id = %(district)s AND trace = ANY(%(traces)s::bytea[]) AND left_at > %(since)s
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


def erase(uow: UnitOfWork, member: Member) -> list[bytes]:
    """Forgets the person; gives the blind indexes by which the phones were found. The caller holds both, see `hold`."""
    phones = _phones(uow, member)
    indexes = [index for phone in phones for index in keyring().indexes(uow.district_id, "phone", phone).values()]
    traces = [trace for phone in phones for trace in _traces(uow, phone)]
    if traces:
        uow.write(_TRACE, {"traces": bytes_array(traces)})
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


def returned(uow: UnitOfWork, phones: Iterable[str]) -> set[str]:
    """Those of some phones whose member left within the last year."""
    traces = {trace: phone for phone in phones for trace in _traces(uow, phone)}
    if not traces:
        return set()
    values = {
        "district": hex_of(uow.district_id),
        "traces": bytes_array(list(traces)),
        "since": uow.now - timedelta(days=TRACE_DAYS),
    }
    return {traces[bytes(trace)] for (trace,) in uow.rows(_RETURNED, values)}


def forget_traces(uow: UnitOfWork) -> int:
    """Drops the district's traces that are older than a year; gives their number."""
    since = uow.now - timedelta(days=TRACE_DAYS)
    query = "DELETE FROM phone_traces WHERE district_id = %s AND left_at <= %s"
    return uow.execute(query, (hex_of(uow.district_id), since)).rowcount
