"""Enrolment, in sets: one member is a set of one. One phone is one member, whoever comes at the same instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.runtime import keyring
from app.foundation.sql_arrays import bytes_array, id_array, text_array
from app.foundation.unit_of_work import UnitOfWork
from app.members import leaving, queries, rules, services
from app.members.errors import IdentityTaken
from app.members.events import MemberEnrolled

_MEMBERS = """
    INSERT INTO members (district_id, id, number, phone, name, birthday, tags, returned, status, created_at,
                         birthday_changed_at)
    SELECT %(district)s::uuid, m.id, m.number, m.phone, m.name, m.birthday, m.tags::text[], m.returned, 'active',
           %(now)s::timestamptz, CASE WHEN m.returned THEN %(now)s::timestamptz END
    FROM unnest(%(ids)s::uuid[], %(numbers)s::text[], %(phones)s::bytea[], %(names)s::bytea[], %(birthdays)s::bytea[],
                %(tags)s::text[], %(returned)s::boolean[])
        AS m (id, number, phone, name, birthday, tags, returned)
"""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A phone (E.164) to become a member of the district, and of a merchant if one is named."""

    phone: str
    name: str | None = None
    birthday: date | None = None
    merchant_id: str | None = None
    consents: Sequence[Mapping[str, str]] = ()
    identities: Sequence[Mapping[str, str]] = ()
    tags: Sequence[str] = ()


class Enrolled(NamedTuple):
    """Whose phone it is now, and whether this made the member."""

    member_id: str
    is_new: bool


def enrol(uow: UnitOfWork, wanted: Sequence[Enrolment]) -> list[Enrolled | IdentityTaken]:
    """Enrols in order; each stands alone.

    A phone that is a member already joins the merchant, gains the consents and identities given here, and nothing else
    changes. An enrolment with an identity that is another member's is refused.
    """
    queries.lock_phones(uow, [one.phone for one in wanted])
    register = _Register(uow, wanted)
    outcomes = [register.take(one) for one in wanted]
    register.write()
    done = [(one, outcome) for one, outcome in zip(wanted, outcomes, strict=True) if isinstance(outcome, Enrolled)]
    given = [(found.member_id, {**consent, "granted": True}) for one, found in done for consent in one.consents]
    services.record_consents(uow, given, way="enrolment")
    uow.emit(
        *(
            MemberEnrolled(
                found.member_id,
                one.merchant_id,
                tuple(register.indexes[one.phone].values()),
                register.owed.get(one.phone, 0),
            )
            for one, found in done
            if found.is_new
        )
    )
    joined = ((found.member_id, one.merchant_id) for one, found in done if one.merchant_id is not None)
    services.join_merchants(uow, joined, way="enrolment")
    return outcomes


class _Register:
    """Whose phones and identities are whose, and what is to be added."""

    def __init__(self, uow: UnitOfWork, wanted: Sequence[Enrolment]) -> None:
        self._uow = uow
        self.indexes = {one.phone: keyring().indexes(uow.district_id, "phone", one.phone) for one in wanted}
        self._owners: dict[tuple[str, bytes], str] = {}
        self._find("phone", (index for indexes in self.indexes.values() for index in indexes.values()))
        named = {(one["kind"], one["value"]) for enrolment in wanted for one in enrolment.identities}
        self._identities = {pair: keyring().indexes(uow.district_id, *pair) for pair in named}
        for kind in sorted({kind for kind, _ in named}):
            self._find(kind, (i for (k, _), all_ in self._identities.items() if k == kind for i in all_.values()))
        self._new: list[tuple[str, Enrolment]] = []
        self.owed: dict[str, int] = {}
        self._added: list[services.Identity] = []

    def _find(self, kind: str, indexes: Iterable[bytes]) -> None:
        found = queries.members_of_indexes(self._uow, kind, indexes)
        self._owners.update({(kind, index): member_id for index, member_id in found.items()})

    def _owner(self, kind: str, indexes: Mapping[int, bytes]) -> str | None:
        return next((self._owners[kind, one] for one in indexes.values() if (kind, one) in self._owners), None)

    def take(self, wanted: Enrolment) -> Enrolled | IdentityTaken:
        """Decides one enrolment; those that follow see it."""
        known = self._owner("phone", self.indexes[wanted.phone])
        pairs = {(one["kind"], one["value"]) for one in wanted.identities}
        for kind, value in sorted(pairs):
            if self._owner(kind, self._identities[kind, value]) not in (None, known):
                return IdentityTaken(_l("The identity of kind %(kind)s belongs to another member.", kind=kind))
        member_id = known or new_id("mem")
        if known is None:
            self._new.append((member_id, wanted))
            self._add(services.Identity(member_id, "phone", self.indexes[wanted.phone], None))
        for kind, value in sorted(pairs):
            if self._owner(kind, self._identities[kind, value]) is None:
                sealed = services.seal(value, member_id, kind)
                self._add(services.Identity(member_id, kind, self._identities[kind, value], sealed))
        return Enrolled(member_id, known is None)

    def _add(self, identity: services.Identity) -> None:
        self._added.append(identity)
        self._owners.update({(identity.kind, index): identity.member_id for index in identity.indexes.values()})

    def write(self) -> None:
        """Adds the new members and identities, each table in one statement."""
        if self._new:
            self.owed = leaving.take_back(self._uow, [one.phone for _, one in self._new])
            births = [one.birthday.isoformat() if one.birthday else None for _, one in self._new]
            self._uow.write(
                _MEMBERS,
                {
                    "ids": id_array([member for member, _ in self._new]),
                    "numbers": text_array(_free_numbers(self._uow, len(self._new))),
                    "phones": bytes_array([services.seal(one.phone, member, "phone") for member, one in self._new]),
                    "returned": text_array([str(one.phone in self.owed).lower() for _, one in self._new]),
                    "names": bytes_array([services.seal(one.name, member, "name") for member, one in self._new]),
                    "birthdays": bytes_array(
                        [
                            services.seal(day, member, "birthday")
                            for day, (member, _) in zip(births, self._new, strict=True)
                        ]
                    ),
                    "tags": text_array([text_array(list(dict.fromkeys(one.tags))) for _, one in self._new]),
                },
            )
        services.add_identities(self._uow, self._added)


def _free_numbers(uow: UnitOfWork, count: int) -> list[str]:
    """Member numbers that nobody has."""
    numbers: set[str] = set()
    while len(numbers) < count:
        drawn = {rules.new_number() for _ in range(count - len(numbers))} - numbers
        numbers |= drawn - queries.numbers_taken(uow, drawn)
    return list(numbers)
