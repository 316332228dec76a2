"""Enrolment, in sets: one member is a set of one. One phone is one member, whoever comes at the same instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from app.foundation.database.sql_arrays import bytes_array, id_array, instant_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of, new_id
from app.foundation.problems import RateLimited
from app.foundation.runtime import keyring
from app.members import naming, queries, rules, services, traces
from app.members.errors import IdentityTaken
from app.members.events import MemberEnrolled

_MEMBERS = f"""
    INSERT INTO members (district_id, id, number, phone, name, birthday, returned, birthday_changed_at, status, created_at,
                         written_by)
    VALUES (%(district)s::uuid, {
    unnested(
        ids="uuid",
        numbers="text",
        phones="bytea",
        names="bytea",
        birthdays="bytea",
        returned="boolean",
        rests="timestamptz",
    )
},
            'active', %(now)s::timestamptz, %(written_by)s::uuid)
"""
_TAGS = """
    UPDATE members AS m SET tags = t.tags::text[] FROM unnest(%(ids)s::uuid[], %(tags)s::text[]) AS t (id, tags)
    WHERE m.district_id = %(district)s::uuid AND m.id = t.id
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
    """Whose phone it is now, and whether this made the member. `limits`: the headers of the limit that counted it."""

    member_id: str
    is_new: bool
    limits: Mapping[str, str] = MappingProxyType({})


Outcome = Enrolled | IdentityTaken | RateLimited


def enrol(uow: UnitOfWork, wanted: Sequence[Enrolment]) -> list[Outcome]:
    """Enrols in order; each stands alone.

    A phone that is a member already joins the merchant, gains the consents and identities given here, and nothing else
    changes; from a merchant's key, only the consents to itself. An enrolment with an identity that is another member's
    is refused, and one of a known phone by a key that has named too many today. Who signs in proves by it to deal with
    the merchant.
    """
    queries.lock_phones(uow, [one.phone for one in wanted])
    register = _Register(uow, wanted)
    outcomes = [register.enrol(one) for one in wanted]
    register.write()
    done = [(one, outcome) for one, outcome in zip(wanted, outcomes, strict=True) if isinstance(outcome, Enrolled)]
    given = [
        (found.member_id, {**consent, "granted": True})
        for one, found in done
        for consent in one.consents
        if found.is_new or uow.principal.merchant_id in (None, consent["controller"])
    ]
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
    is_by_member = uow.principal.kind == "visitor"
    way = "sign-in" if is_by_member else "enrolment"
    services.join_merchants(uow, joined, way=way, is_proven=is_by_member)
    services.record_consents(uow, given, way="enrolment")
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
        self._known = self._ask_known()

    def _ask_known(self) -> set[str]:
        """Those of the phones' members that are the principal's merchant's already."""
        merchant_id = self._uow.principal.merchant_id
        if merchant_id is None:
            return set()
        owners = {owner for (kind, _), owner in self._owners.items() if kind == "phone"}
        return {member_id for member_id, _ in queries.ask_known(self._uow, ((one, merchant_id) for one in owners))()}

    def _find(self, kind: str, indexes: Iterable[bytes]) -> None:
        found = queries.members_of_indexes(self._uow, kind, indexes)
        self._owners.update({(kind, index): member_id for index, member_id in found.items()})

    def _owner(self, kind: str, indexes: Mapping[int, bytes]) -> str | None:
        return next((self._owners[kind, one] for one in indexes.values() if (kind, one) in self._owners), None)

    def enrol(self, wanted: Enrolment) -> Outcome:
        """Decides one enrolment; those that follow see it."""
        known = self._owner("phone", self.indexes[wanted.phone])
        if known is not None and self._uow.principal.merchant_id is not None:
            return self._take_known(known)
        pairs = {(one["kind"], one["value"]) for one in wanted.identities}
        for kind, value in sorted(pairs):
            if self._owner(kind, self._identities[kind, value]) not in (None, known):
                return IdentityTaken(_l("The identity of kind %(kind)s belongs to another member.", kind=kind))
        member_id = known or new_id("mem")
        if known is None:
            self._new.append((member_id, wanted))
            self._known.add(member_id)
            self._add(services.Identity(member_id, "phone", self.indexes[wanted.phone], None))
        for kind, value in sorted(pairs):
            if self._owner(kind, self._identities[kind, value]) is None:
                sealed = services.seal(value, member_id, kind)
                self._add(services.Identity(member_id, kind, self._identities[kind, value], sealed))
        return Enrolled(member_id, known is None)

    def _take_known(self, member_id: str) -> Enrolled | RateLimited:
        """A phone of which a merchant learns here that it is a member's."""
        if member_id in self._known:
            return Enrolled(member_id, False)
        try:
            limits = naming.count_known_phone(self._uow.principal)
        except RateLimited as error:
            return error
        self._known.add(member_id)
        return Enrolled(member_id, False, limits)

    def _add(self, identity: services.Identity) -> None:
        self._added.append(identity)
        self._owners.update({(identity.kind, index): identity.member_id for index in identity.indexes.values()})

    def write(self) -> None:
        """Adds the new members and identities, each table in one statement."""
        if self._new:
            merchant_id = self._uow.principal.merchant_id
            self.owed = traces.take_traces_back(self._uow, [one.phone for _, one in self._new])
            births = [one.birthday.isoformat() if one.birthday else None for _, one in self._new]
            returned = [one.phone in self.owed for _, one in self._new]
            self._uow.write(
                _MEMBERS,
                {
                    "ids": id_array([member for member, _ in self._new]),
                    "numbers": text_array(_free_numbers(self._uow, len(self._new))),
                    "phones": bytes_array([services.seal(one.phone, member, "phone") for member, one in self._new]),
                    "returned": text_array([str(one).lower() for one in returned]),
                    "rests": instant_array([self._uow.now if one else None for one in returned]),
                    "names": bytes_array([services.seal(one.name, member, "name") for member, one in self._new]),
                    "birthdays": bytes_array(
                        [
                            services.seal(day, member, "birthday")
                            for day, (member, _) in zip(births, self._new, strict=True)
                        ]
                    ),
                    "written_by": merchant_id and hex_of(merchant_id),
                },
            )
            self._write_tags({member: list(dict.fromkeys(one.tags)) for member, one in self._new if one.tags})
        services.add_identities(self._uow, self._added)

    def _write_tags(self, tags: Mapping[str, list[str]]) -> None:
        """Rows of tags, each a list, don't go into an INSERT of a set."""
        if tags:
            lists = text_array([text_array(words) for words in tags.values()])
            self._uow.write(_TAGS, {"ids": id_array(list(tags)), "tags": lists})


def _free_numbers(uow: UnitOfWork, count: int) -> list[str]:
    """Member numbers that nobody has."""
    numbers: set[str] = set()
    while len(numbers) < count:
        drawn = {rules.new_number() for _ in range(count - len(numbers))} - numbers
        numbers |= drawn - queries.numbers_taken(uow, drawn)
    return list(numbers)
