"""Verbs that write members who are there: identities, memberships, consents, personal fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import bytes_array, id_array, number_array, text_array, unnested
from app.foundation.database.unit_of_work import Overtaken, UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of, new_id
from app.foundation.problems import Flaw, Forbidden, NotFound, ValidationFailed
from app.foundation.runtime import keyring
from app.members import queries, rules, traces
from app.members.codes import keys as code_keys
from app.members.errors import BirthdayFixed, IdentityTaken, PhoneTaken
from app.members.events import ConsentRecorded, MemberPhoneChanged, MemberPhoneReleased, MembershipStarted
from app.members.models import Consent, Member, MemberIdentity

_IDENTITIES = f"""
    INSERT INTO member_identities (district_id, kind, value_index, key_version, member_id, value, recorded_at)
    VALUES (%(district)s::uuid, {
    unnested(kinds="text", indexes="bytea", versions="smallint", members="uuid", values="bytea")
}, %(now)s::timestamptz)
"""
_CONSENTS = f"""
    INSERT INTO consents (district_id, id, member_id, controller, purpose, version, granted, way, principal_id, recorded_at)
    VALUES (%(district)s::uuid, {
    unnested(ids="uuid", members="uuid", controllers="text", purposes="text", versions="text", granted="boolean")
},
            %(way)s::text, %(principal)s::uuid, %(now)s::timestamptz)
"""
_JOIN = f"""
    INSERT INTO merchant_memberships AS m (district_id, member_id, merchant_id, since, way, proved_at)
    VALUES (%(district)s::uuid, {unnested(members="uuid", merchants="uuid")}, %(now)s::timestamptz, %(way)s::text,
            %(proved_at)s::timestamptz)
    ON CONFLICT (district_id, member_id, merchant_id) DO UPDATE SET proved_at = excluded.proved_at
    WHERE m.proved_at IS NULL AND excluded.proved_at IS NOT NULL
    RETURNING member_id, merchant_id, xmax = 0
"""
_DISOWN = """
    UPDATE merchant_memberships AS m SET proved_at = NULL
    FROM unnest(%(members)s::uuid[], %(merchants)s::uuid[]) AS j (member, merchant)
    WHERE m.district_id = %(district)s::uuid AND m.member_id = j.member AND m.merchant_id = j.merchant
"""
_PROVE = """
    UPDATE members SET proved_at = %(now)s::timestamptz
    WHERE district_id = %(district)s::uuid AND id IN (
        SELECT id FROM members WHERE district_id = %(district)s::uuid AND id = ANY(%(members)s::uuid[])
        AND (proved_at IS NULL OR proved_at <= %(before)s::timestamptz)
        ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    )
"""


class Identity(NamedTuple):
    """A way to find a member, as it is to be stored: `sealed` is None for a phone, which stands with the member."""

    member_id: str
    kind: str
    indexes: Mapping[int, bytes]
    sealed: bytes | None


def seal(text: str | None, member_id: str, field: str) -> bytes | None:
    """A personal field of a member, sealed and bound to it."""
    return None if text is None else keyring().seal(text, bound_to=f"{member_id}/{field}")


def personal(member: Member, field: str) -> str | None:
    """A personal field, opened."""
    return open_field(getattr(member, field), member.id, field)


def open_field(sealed: bytes | None, member_id: str, field: str) -> str | None:
    """A personal field as it was read, opened."""
    return None if sealed is None else keyring().open(sealed, bound_to=f"{member_id}/{field}")


def lock_member(uow: UnitOfWork, member_id: str) -> Member:
    """A member, held still until the commit; perhaps one that has left.

    Raises NotFound, and Overtaken for one that has just become part of another, who is found next time.
    """
    member = queries.find_member(uow, member_id)
    queries.lock_member_rows(uow, [member.id])
    uow.session.refresh(member)
    if member.merged_into is not None:
        raise Overtaken
    return member


def lock_present(uow: UnitOfWork, member_id: str) -> Member:
    """A member who is there, held still until the commit. Raises NotFound, also for one that has left."""
    member = lock_member(uow, member_id)
    if member.is_gone:
        raise NotFound
    return member


def told_identities(uow: UnitOfWork, member: Member) -> list[tuple[str, str, datetime]]:
    """Kind, value and time of external ids, and of phones of members who became part of this one; each once."""
    found: dict[tuple[str, str], datetime] = {}
    for row in queries.identities_of(uow, member.id):
        if row.value is not None:
            value = keyring().open(row.value, bound_to=f"{member.id}/{row.kind}")
            found.setdefault((row.kind, value), row.recorded_at)
    return [(kind, value, at) for (kind, value), at in sorted(found.items())]


class Profile(NamedTuple):
    """What rules may look at of a member."""

    tags: frozenset[str]
    birthday: date | None
    returned: bool


def ask_profiles(uow: UnitOfWork, member_ids: Iterable[str]) -> Asked[dict[str, Profile]]:
    """Sends the question what rules may look at of members; call the result for the answer by id."""
    receive = queries.ask_profiles(uow, member_ids)
    return lambda: {member_id: _profile(member_id, *found) for member_id, found in receive().items()}


def _profile(member_id: str, tags: Sequence[str], sealed: bytes | None, returned: bool) -> Profile:
    birthday = open_field(sealed, member_id, "birthday")
    return Profile(frozenset(tags), date.fromisoformat(birthday) if birthday else None, returned)


def identify(uow: UnitOfWork, member_id: str, kind: str, value: str) -> None:
    """Gives a member an external identity. Raises IdentityTaken if it is another's."""
    indexes = keyring().indexes(uow.district_id, kind, value)
    owners = set(queries.members_of_indexes(uow, kind, indexes.values()).values())
    if owners - {member_id}:
        raise IdentityTaken(_l("The identity of kind %(kind)s belongs to another member.", kind=kind))
    if not owners:
        add_identities(uow, [Identity(member_id, kind, indexes, seal(value, member_id, kind))])


def add_identities(uow: UnitOfWork, identities: Sequence[Identity]) -> None:
    """Stores ways to find members: a row for each index key."""
    rows = [(one, version, index) for one in identities for version, index in one.indexes.items()]
    if rows:
        uow.write(
            _IDENTITIES,
            {
                "kinds": text_array([one.kind for one, _, _ in rows]),
                "indexes": bytes_array([index for _, _, index in rows]),
                "versions": number_array([version for _, version, _ in rows]),
                "members": id_array([one.member_id for one, _, _ in rows]),
                "values": bytes_array([one.sealed for one, _, _ in rows]),
            },
        )


def is_news(proved_at: datetime | None, now: datetime) -> bool:
    """Whether a proof is to be noted after an earlier one."""
    return proved_at is None or proved_at <= now - rules.NOTED_ONCE_IN


def prove_members(uow: UnitOfWork, member_ids: Iterable[str]) -> None:
    """Notes that members have proved to be there; to the day, so that who comes often costs no write each time.

    A member whom somebody holds is passed over: the next proof counts.
    """
    ordered = sorted(set(member_ids))
    if ordered:
        uow.write(_PROVE, {"members": id_array(ordered), "before": uow.now - rules.NOTED_ONCE_IN})


def join_merchants(uow: UnitOfWork, pairs: Iterable[tuple[str, str]], *, way: str, is_proven: bool = False) -> None:
    """Makes members (first) members of merchants (second), where they aren't yet.

    `is_proven`: the members themselves show that they deal with the merchants, which then read more of them.
    """
    ordered = sorted(set(pairs))
    if not ordered:
        return
    started = uow.rows(
        _JOIN,
        {
            "district": hex_of(uow.district_id),
            "members": id_array([member for member, _ in ordered]),
            "merchants": id_array([merchant for _, merchant in ordered]),
            "now": uow.now,
            "way": way,
            "proved_at": uow.now if is_proven else None,
        },
    )
    uow.emit(
        *(MembershipStarted("mem_" + member, "mer_" + merchant, way) for member, merchant, is_new in started if is_new)
    )


def record_consents(uow: UnitOfWork, given: Sequence[tuple[str, Mapping[str, Any]]], *, way: str) -> list[Consent]:
    """Records consents of members (first), given or withdrawn, each to one controller for one purpose.

    What a member itself gives a merchant makes it that merchant's; withdrawing the membership leaves it unproven.
    """
    rows = [
        Consent(
            district_id=uow.district_id,
            id=new_id("con"),
            member_id=member_id,
            way=way,
            principal_id=uow.principal.id,
            recorded_at=uow.now,
            **{name: one[name] for name in ("controller", "purpose", "version", "granted")},
        )
        for member_id, one in given
    ]
    if not rows:
        return []
    uow.write(
        _CONSENTS,
        {
            "way": way,
            "principal": hex_of(uow.principal.id),
            "ids": id_array([row.id for row in rows]),
            "members": id_array([row.member_id for row in rows]),
            "controllers": text_array([row.controller for row in rows]),
            "purposes": text_array([row.purpose for row in rows]),
            "versions": text_array([row.version for row in rows]),
            "granted": text_array(["true" if row.granted else "false" for row in rows]),
        },
    )
    uow.emit(*(ConsentRecorded(row.member_id, row.controller, row.purpose, row.granted) for row in rows))
    _heed(uow, [row for row in rows if row.controller != "district"])
    return rows


def _heed(uow: UnitOfWork, rows: Sequence[Consent]) -> None:
    """What consents to merchants say of memberships. A key's word is no proof; a withdrawal counts, whoever brings it."""
    withdrawn = [row for row in rows if not row.granted and row.purpose == "membership"]
    if withdrawn:
        members, merchants = [row.member_id for row in withdrawn], [row.controller for row in withdrawn]
        uow.write(_DISOWN, {"members": id_array(members), "merchants": id_array(merchants)})
    if uow.principal.kind in ("member", "visitor"):
        given = [(row.member_id, row.controller) for row in rows if row.granted]
        join_merchants(uow, given, way="consent", is_proven=True)


def update_member(uow: UnitOfWork, member_id: str, changes: Mapping[str, Any]) -> None:
    """Changes name, birthday, phone, identities or tags of a member who is there.

    Raises ValidationFailed, NotFound, PhoneTaken, IdentityTaken, BirthdayFixed, and Forbidden for a merchant to whom this
    isn't open.
    """
    check_birthday(uow, changes.get("birthday"))
    phone = changes.get("phone")
    if phone:
        queries.lock_phones(uow, [phone])
    member = lock_present(uow, member_id)
    check_own_writing(uow, member, changes)
    if "name" in changes:
        member.name = seal(changes["name"], member.id, "name")
    if "birthday" in changes:
        _change_birthday(uow, member, changes["birthday"])
    if "tags" in changes:
        member.tags = list(dict.fromkeys(changes["tags"]))
    if phone:
        _change_phone(uow, member, phone)
    for identity in changes.get("identities", ()):
        identify(uow, member.id, identity["kind"], identity["value"])


def check_birthday(uow: UnitOfWork, birthday: date | None) -> None:
    """Raises ValidationFailed for a day on which nobody who lives was born, by the district's clock."""
    if birthday is not None and not rules.is_birthday(birthday, uow.now):
        raise ValidationFailed.at("/birthday", "out-of-range", rules.BIRTHDAY_NEEDED)


def check_own_writing(uow: UnitOfWork, member: Member, fields: Iterable[str]) -> None:
    """A merchant writes of a member whom it enrolled, until that member, or anybody else, has a say; a phone it never moves.

    Raises Forbidden.
    """
    merchant_id = uow.principal.merchant_id
    if merchant_id is None:
        if not {"name", "birthday"}.isdisjoint(fields):
            member.written_by = None
        return
    is_own = member.written_by == merchant_id and member.proved_at is None
    closed = sorted(set(fields) & {"phone"} if is_own else set(fields))
    if closed:
        detail = _l("A merchant sets this of a member whom it newly enrols; the member and the alliance may change it.")
        raise Forbidden(detail, flaws=[Flaw(f"/{name}", "not-for-merchants", detail) for name in closed])


def _change_birthday(uow: UnitOfWork, member: Member, birthday: date | None) -> None:
    """Sets one where none is known, or changes it, which others than the alliance may do once in a year."""
    known, wanted = personal(member, "birthday"), birthday.isoformat() if birthday else None
    if wanted == known:
        return
    if not uow.principal.is_alliance:
        until = rules.birthday_rests_until(member.birthday_changed_at, uow.now)
        if until is not None:
            raise BirthdayFixed.until(until)
        if known is not None:
            member.birthday_changed_at = uow.now
    member.birthday = seal(wanted, member.id, "birthday")


def release_phone(uow: UnitOfWork, member: Member, phone: str) -> None:
    """Takes a phone (E.164) that isn't the member's any more; everything else stays the member's.

    One that came by a merge takes the place of the member's own. The caller holds the member.
    """
    rows = [row for row in queries.identities_of(uow, member.id) if row.kind == "phone"]
    moved = {keyring().open(row.value, bound_to=f"{member.id}/phone") for row in rows if row.value is not None} - {
        phone
    }
    own = personal(member, "phone")
    if own == phone:
        own = min(moved, default=None)
    for row in rows:
        uow.session.delete(row)
    uow.session.flush()
    for one in sorted({*moved, *([own] if own else [])}):
        sealed = None if one == own else seal(one, member.id, "phone")
        add_identities(uow, [Identity(member.id, "phone", queries.phone_indexes(uow, one), sealed)])
    member.phone = seal(own, member.id, "phone")
    traces.leave_traces(uow, [phone])
    uow.emit(MemberPhoneReleased(member.id))


_FORGET_PHONES = """
    DELETE FROM member_identities WHERE district_id = %(district)s AND kind = 'phone' AND member_id = %(member)s
      AND (value IS NULL OR value_index = ANY(%(indexes)s::bytea[]))
"""


def _change_phone(uow: UnitOfWork, member: Member, phone: str) -> None:
    """One that came by a merge may become the member's own: then it takes the place of that."""
    old = personal(member, "phone")
    if phone == old:
        return
    if queries.member_of_phone(uow, phone) not in (None, member.id):
        raise PhoneTaken
    if old is not None:
        traces.leave_traces(uow, [old])
    indexes = queries.phone_indexes(uow, phone)
    uow.write(_FORGET_PHONES, {"member": hex_of(member.id), "indexes": bytes_array(list(indexes.values()))})
    add_identities(uow, [Identity(member.id, "phone", indexes, None)])
    member.phone = seal(phone, member.id, "phone")
    owed = traces.take_traces_back(uow, [phone]).get(phone, 0)
    uow.emit(MemberPhoneChanged(member.id, tuple(indexes.values()), old, owed))


def refresh_keys(uow: UnitOfWork, member: Member) -> bool:
    """Seals what a member is known by under the newest key and indexes it under the keys in use; says whether it had to.

    Afterwards this member needs no older key. Who has lost the phone to somebody else, or was merged, may have a name
    or a key of codes still.
    """
    phone = personal(member, "phone")
    changed = code_keys.refresh_seals(uow, member.id)
    for field in ("phone", "name", "birthday"):
        text = personal(member, field)
        if text is not None and not keyring().seal_is_current(getattr(member, field)):
            setattr(member, field, seal(text, member.id, field))
            changed = True
    return _refresh_identities(uow, member, phone) or changed


def _refresh_identities(uow: UnitOfWork, member: Member, phone: str | None) -> bool:
    stored: dict[tuple[str, str], list[MemberIdentity]] = {} if phone is None else {("phone", phone): []}
    for row in queries.identities_of(uow, member.id):
        sealed = row.value
        text = phone or "" if sealed is None else keyring().open(sealed, bound_to=f"{member.id}/{row.kind}")
        stored.setdefault((row.kind, text), []).append(row)
    fresh = []
    for (kind, text), rows in stored.items():
        indexes = keyring().indexes(uow.district_id, kind, text)
        if {row.value_index for row in rows} == set(indexes.values()) and all(map(_is_current, rows)):
            continue
        for row in rows:
            uow.session.delete(row)
        sealed = None if (kind, text) == ("phone", phone) else seal(text, member.id, kind)
        fresh.append(Identity(member.id, kind, indexes, sealed))
    add_identities(uow, fresh)
    return bool(fresh)


def _is_current(row: MemberIdentity) -> bool:
    return row.value is None or keyring().seal_is_current(row.value)
