"""Verbs that write members. One phone is one member, whoever comes at the same instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from app.foundation.ids import hex_of, new_id
from app.foundation.problems import NotFound
from app.foundation.runtime import keyring
from app.foundation.sql_arrays import bytes_array, id_array, number_array
from app.foundation.unit_of_work import UnitOfWork
from app.members import queries, rules
from app.members.errors import IdentityTaken, PhoneTaken
from app.members.events import ConsentRecorded, MemberEnrolled, MembershipStarted
from app.members.models import Consent, Member, MemberIdentity

_ENROL = """
    INSERT INTO members (district_id, id, number, phone, name, birthday, status, created_at)
    VALUES (%(district)s, %(id)s, %(number)s, %(phone)s, %(name)s, %(birthday)s, 'active', %(now)s)
"""
_IDENTIFY = """
    INSERT INTO member_identities (district_id, kind, value_index, key_version, member_id, value, recorded_at)
    SELECT %(district)s, %(kind)s, i.index, i.version, %(member)s, %(value)s, %(now)s
    FROM unnest(%(indexes)s::bytea[], %(versions)s::smallint[]) AS i (index, version)
"""
_JOIN = """
    INSERT INTO merchant_memberships (district_id, member_id, merchant_id, since, way)
    SELECT %(district)s::uuid, j.member, j.merchant, %(now)s::timestamptz, %(way)s::text
    FROM unnest(%(members)s::uuid[], %(merchants)s::uuid[]) AS j (member, merchant)
    ON CONFLICT DO NOTHING RETURNING member_id, merchant_id
"""


def enrol(
    uow: UnitOfWork,
    *,
    phone: str,
    name: str | None = None,
    birthday: date | None = None,
    merchant_id: str | None = None,
    consents: Sequence[Mapping[str, str]] = (),
    identities: Sequence[Mapping[str, str]] = (),
) -> tuple[str, bool]:
    """Makes a phone (E.164) a member of the district, and of a merchant if one is named; gives the id and whether it is new.

    An existing member joins the merchant, gains the consents given here, and nothing else changes.
    Raises IdentityTaken where an external identity is another member's.
    """
    queries.lock_phones(uow, [phone])
    member_id = queries.member_of_phone(uow, phone)
    is_new = member_id is None
    if member_id is None:
        member_id = new_id("mem")
        _insert(uow, member_id, phone, name, birthday)
    for identity in identities:
        identify(uow, member_id, identity["kind"], identity["value"])
    record_consents(uow, member_id, [{**one, "granted": True} for one in consents], way="enrolment")
    if is_new:
        indexes = tuple(queries.phone_indexes(uow, phone).values())
        uow.emit(MemberEnrolled(member_id, merchant_id, indexes))
    if merchant_id is not None:
        join_merchants(uow, [(member_id, merchant_id)], way="enrolment")
    return member_id, is_new


def _insert(uow: UnitOfWork, member_id: str, phone: str, name: str | None, birthday: date | None) -> None:
    number = rules.new_number()
    while queries.number_taken(uow, number):
        number = rules.new_number()
    uow.execute(
        _ENROL,
        {
            "district": hex_of(uow.district_id),
            "id": hex_of(member_id),
            "number": number,
            "phone": _seal(phone, member_id, "phone"),
            "name": _seal(name, member_id, "name"),
            "birthday": _seal(birthday.isoformat() if birthday else None, member_id, "birthday"),
            "now": uow.now,
        },
    )
    _identify(uow, member_id, "phone", phone, value=None)


def _seal(text: str | None, member_id: str, field: str) -> bytes | None:
    return None if text is None else keyring().seal(text, bound_to=f"{member_id}/{field}")


def personal(member: Member, field: str) -> str | None:
    """A personal field, opened."""
    sealed = getattr(member, field)
    return None if sealed is None else keyring().open(sealed, bound_to=f"{member.id}/{field}")


def identify(uow: UnitOfWork, member_id: str, kind: str, value: str) -> None:
    """Gives a member an external identity. Raises IdentityTaken if it is another's."""
    indexes = keyring().indexes(uow.district_id, kind, value)
    owners = set(queries.members_of_indexes(uow, kind, indexes.values()).values())
    if owners - {member_id}:
        raise IdentityTaken(f"The identity of kind {kind} belongs to another member.")
    if not owners:
        _identify(uow, member_id, kind, value, value=_seal(value, member_id, kind))


def _identify(uow: UnitOfWork, member_id: str, kind: str, plain: str, *, value: bytes | None) -> None:
    indexes = keyring().indexes(uow.district_id, kind, plain)
    uow.execute(
        _IDENTIFY,
        {
            "district": hex_of(uow.district_id),
            "kind": kind,
            "member": hex_of(member_id),
            "value": value,
            "now": uow.now,
            "indexes": bytes_array(list(indexes.values())),
            "versions": number_array(list(indexes)),
        },
    )


def join_merchants(uow: UnitOfWork, pairs: Iterable[tuple[str, str]], *, way: str) -> None:
    """Makes members (first) members of merchants (second), where they aren't yet."""
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
        },
    )
    uow.emit(*(MembershipStarted("mem_" + member, "mer_" + merchant, way) for member, merchant in started))


def record_consents(
    uow: UnitOfWork, member_id: str, consents: Sequence[Mapping[str, Any]], *, way: str
) -> list[Consent]:
    """Records consents given or withdrawn, each to one controller for one purpose."""
    rows = [
        Consent(
            district_id=uow.district_id,
            id=new_id("con"),
            member_id=member_id,
            controller=one["controller"],
            purpose=one["purpose"],
            version=one["version"],
            granted=one["granted"],
            way=way,
            principal_id=uow.principal.id,
            recorded_at=uow.now,
        )
        for one in consents
    ]
    if rows:
        uow.session.add_all(rows)
        uow.emit(*(ConsentRecorded(member_id, row.controller, row.purpose, row.granted) for row in rows))
    return rows


def update_member(uow: UnitOfWork, member: Member, changes: Mapping[str, Any]) -> None:
    """Changes name, birthday, phone or identities. Raises PhoneTaken, IdentityTaken."""
    if "name" in changes:
        member.name = _seal(changes["name"], member.id, "name")
    if "birthday" in changes:
        birthday = changes["birthday"]
        member.birthday = _seal(birthday.isoformat() if birthday else None, member.id, "birthday")
    if changes.get("phone"):
        _change_phone(uow, member, changes["phone"])
    for identity in changes.get("identities", ()):
        identify(uow, member.id, identity["kind"], identity["value"])


def _change_phone(uow: UnitOfWork, member: Member, phone: str) -> None:
    queries.lock_phones(uow, [phone])
    owner = queries.member_of_phone(uow, phone)
    if owner == member.id:
        return
    if owner is not None:
        raise PhoneTaken
    uow.execute(
        "DELETE FROM member_identities WHERE district_id = %s AND kind = 'phone' AND member_id = %s",
        (hex_of(uow.district_id), hex_of(member.id)),
    )
    _identify(uow, member.id, "phone", phone, value=None)
    member.phone = _seal(phone, member.id, "phone")


def refresh_keys(uow: UnitOfWork, member: Member) -> bool:
    """Seals a member's fields under the newest key and adds the indexes of new keys; says whether anything changed.

    Raises NotFound for a member without a phone.
    """
    phone = personal(member, "phone")
    if phone is None:
        raise NotFound
    changed = False
    for field in ("phone", "name", "birthday"):
        text = personal(member, field)
        if text is not None and not keyring().seal_is_current(getattr(member, field)):
            setattr(member, field, _seal(text, member.id, field))
            changed = True
    identities = queries.identities_of(uow, member.id)
    plain: dict[str, tuple[str, bytes | None]] = {"phone": (phone, None)}
    for row in identities:
        if row.value is not None:
            plain[row.kind] = (keyring().open(row.value, bound_to=f"{member.id}/{row.kind}"), row.value)
    known = {(row.kind, row.key_version) for row in identities}
    for kind, (text, value) in plain.items():
        for version, index in keyring().indexes(uow.district_id, kind, text).items():
            if (kind, version) not in known:
                uow.session.add(
                    MemberIdentity(
                        district_id=uow.district_id,
                        kind=kind,
                        value_index=index,
                        key_version=version,
                        member_id=member.id,
                        value=value and _seal(text, member.id, kind),
                        recorded_at=uow.now,
                    )
                )
                changed = True
    return changed
