"""A member leaves: what is known of the person is forgotten; an empty member stays, so that the books still balance."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.runtime import keyring
from app.members import queries, services, traces
from app.members.events import MemberErased
from app.members.models import Member

_FORGET = (
    "UPDATE members SET tags = '{}' WHERE district_id = %(district)s::uuid AND merged_into = %(member)s::uuid",
    "DELETE FROM member_identities WHERE district_id = %(district)s::uuid AND member_id = %(member)s::uuid",
    *(
        f"DELETE FROM {table} WHERE district_id = %(district)s::uuid AND (member_id = %(member)s::uuid OR member_id IN "
        "(SELECT id FROM members WHERE district_id = %(district)s::uuid AND merged_into = %(member)s::uuid))"
        for table in ("member_code_keys", "member_code_uses")
    ),
)


def lock_member(uow: UnitOfWork, member_id: str) -> Member:
    """A member and its phones, held still until the commit: who enrols one of them comes before or after.

    Perhaps one that has been erased. Raises NotFound.
    """
    lock_phones_of(uow, member_id)
    return services.lock_member(uow, member_id)


def lock_phones_of(uow: UnitOfWork, member_id: str) -> None:
    """Lets whoever enrols a phone of a member, or sells to it, come before or after. Raises NotFound."""
    queries.lock_phones(uow, _phones(uow, queries.find_member(uow, member_id)))


def erase(uow: UnitOfWork, member: Member, *, owed: int) -> list[bytes]:
    """Forgets the person; gives the blind indexes by which the phones were found. The caller holds both, see `hold`.

    The traces of the phones keep what the member `owed`, under an id that leads nowhere else.
    """
    phones = _phones(uow, member)
    indexes = [index for phone in phones for index in keyring().indexes(uow.district_id, "phone", phone).values()]
    traces.leave_traces(uow, phones, owed=owed)
    for statement in _FORGET:
        uow.write(statement, {"member": hex_of(member.id)})
    member.phone = member.name = member.birthday = None
    member.tags, member.birthday_changed_at = [], None
    member.written_by = None
    member.status, member.gone_at = "erased", uow.now
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
