"""Reading of this room, locks included."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, any_, exists, func, literal, select

from app.foundation.database.local_days import local_day, with_shift
from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import bytes_array, id_array, instant_array, number_array, rows_of, text_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound
from app.foundation.runtime import keyring
from app.members.errors import MemberUnproven
from app.members.events import MemberEnrolled, MemberErased, MemberMerged
from app.members.models import Consent, Member, MemberIdentity, MerchantMembership

COMING_KINDS = (MemberEnrolled.type, MemberMerged.type, MemberErased.type)
COMINGS = ("enrolled", "merged", "erased")
"""What is summed of members by local day, for read models, which others keep."""
_JOINED = f"""
    SELECT {local_day("m.created_at")} AS day, 1 AS enrolled, 0 AS merged, 0 AS erased
    FROM members AS m {with_shift("m.created_at")} WHERE m.district_id = %(district)s::uuid
"""
_WENT = f"""
    SELECT {local_day("m.gone_at")} AS day, 0 AS enrolled, (m.status = 'merged')::integer AS merged,
           (m.status = 'erased')::integer AS erased
    FROM members AS m {with_shift("m.gone_at")} WHERE m.district_id = %(district)s::uuid
"""
COMINGS_COUNTED = f"{_JOINED} UNION ALL {_WENT}"
"""Every member, as the table has it now. When somebody went isn't known from before there were read models of it."""
ERASED = "(SELECT g.id FROM members AS g WHERE g.district_id = %(district)s::uuid AND g.status = 'erased')"
"""Members who have left, as a part of a larger question."""
FROZEN = "(SELECT f.id FROM members AS f WHERE f.district_id = %(district)s AND f.status = 'frozen')"
"""Members that are frozen, as a part of a larger question."""


def phone_indexes(uow: UnitOfWork, phone: str) -> dict[int, bytes]:
    """Blind indexes of an E.164 phone in this district, by key version."""
    return keyring().indexes(uow.district_id, "phone", phone)


def lock_phones(uow: UnitOfWork, phones: Iterable[str]) -> None:
    """Holds phones still until the commit: who enrols one and who reports a sale to it see each other."""
    keys = sorted({int.from_bytes(keyring().index(uow.district_id, "phone", one)[:8], signed=True) for one in phones})
    if keys:
        uow.execute("SELECT count(pg_advisory_xact_lock(key)) FROM unnest(%s::bigint[]) AS key", (number_array(keys),))


def members_of_indexes(uow: UnitOfWork, kind: str, indexes: Iterable[bytes]) -> dict[bytes, str]:
    """Member id by blind index, for those that are somebody's."""
    wanted = bytes_array(list(indexes))
    rows = uow.rows(
        "SELECT value_index, member_id FROM member_identities "
        "WHERE district_id = %s AND kind = %s AND value_index = ANY(%s::bytea[])",
        (hex_of(uow.district_id), kind, wanted),
    )
    return {bytes(index): "mem_" + member for index, member in rows}


def member_of_phone(uow: UnitOfWork, phone: str) -> str | None:
    """The id of the member with this phone, under any key that is still in use."""
    found = members_of_indexes(uow, "phone", phone_indexes(uow, phone).values())
    return next(iter(found.values()), None)


def present_of_phones(uow: UnitOfWork, indexes: Iterable[bytes], since: datetime) -> dict[bytes, str]:
    """Member id by blind index of a phone, for those who have proved to be there, or joined, since an instant."""
    rows = uow.rows(
        "SELECT i.value_index, i.member_id FROM member_identities AS i "
        "JOIN members AS m ON m.district_id = i.district_id AND m.id = i.member_id "
        "WHERE i.district_id = %s AND i.kind = 'phone' AND i.value_index = ANY(%s::bytea[]) "
        "AND coalesce(m.proved_at, m.created_at) > %s",
        (hex_of(uow.district_id), bytes_array(list(indexes)), since),
    )
    return {bytes(index): "mem_" + member for index, member in rows}


def visible_members(uow: UnitOfWork) -> Select[Member]:
    """Members that the principal knows: all to a district key, its own members to a merchant's, a member itself.

    How much a merchant reads of one hangs on a proof, see `readable`.
    """
    query = select(Member).where(Member.district_id == uow.district_id)
    if uow.principal.kind == "member":
        return query.where(Member.id == uow.principal.id)
    merchant_id = uow.principal.merchant_id
    if merchant_id is None:
        return query
    return query.where(_is_known(uow, merchant_id))


def _is_known(uow: UnitOfWork, merchant_id: str, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a member is a merchant's."""
    return exists().where(
        MerchantMembership.district_id == uow.district_id,
        MerchantMembership.merchant_id == merchant_id,
        MerchantMembership.member_id == Member.id,
        *more,
    )


def present_members(
    uow: UnitOfWork, *, phone: str | None = None, number: str | None = None, tag: str | None = None
) -> Select[Member]:
    """Those of them who are there: of a phone or a number, or with a tag, where the principal reads tags."""
    query = visible_members(uow).where(Member.status.in_(("active", "frozen")))
    if phone is not None:
        query = query.where(Member.id == member_of_phone(uow, phone))
    if number is not None:
        query = query.where(Member.number == number)
    if tag is not None:
        query = query.where(literal(tag) == any_(Member.tags), func.cardinality(Member.tags) > 0)
        if uow.principal.merchant_id:
            query = query.where(_is_known(uow, uow.principal.merchant_id, MerchantMembership.proved_at.is_not(None)))
    return query


def count_members(uow: UnitOfWork) -> int:
    """How many members the district has, whoever asks; those who left or became part of others aren't counted."""
    query = "SELECT count(*) FROM members WHERE district_id = %s AND status IN ('active', 'frozen')"
    return int(uow.rows(query, (hex_of(uow.district_id),))[0][0])


def find_member(uow: UnitOfWork, member_id: str) -> Member:
    """A member; of one that was merged, the survivor. Raises NotFound, also where the principal's merchant doesn't know it."""
    member = uow.session.scalars(visible_members(uow).where(Member.id == member_id)).one_or_none()
    if member is None:
        raise NotFound
    return member if member.merged_into is None else find_member(uow, member.merged_into)


def find_readable(uow: UnitOfWork, member_id: str) -> Member:
    """A member whose points and history the principal may read. Raises NotFound, MemberUnproven."""
    member = find_member(uow, member_id)
    if member.id not in readable(uow, [member.id]):
        raise MemberUnproven
    return member


def readable(uow: UnitOfWork, member_ids: Collection[str]) -> set[str]:
    """Those of some members that the principal may read: to a merchant's key, those who proved to deal with it."""
    merchant_id = uow.principal.merchant_id
    if merchant_id is None:
        return set(member_ids)
    known = ask_known(uow, [(member_id, merchant_id) for member_id in member_ids])()
    return {member_id for (member_id, _), is_proven in known.items() if is_proven}


def sealed_name(uow: UnitOfWork, member_id: str) -> bytes | None:
    """A member's sealed name, if they have one, whoever asks."""
    query = "SELECT name FROM members WHERE district_id = %s AND id = %s"
    rows = uow.rows(query, (hex_of(uow.district_id), hex_of(member_id)))
    return rows[0][0] if rows else None


def numbers_taken(uow: UnitOfWork, numbers: Iterable[str]) -> set[str]:
    """Those of some member numbers that are in use in the district."""
    query = "SELECT number FROM members WHERE district_id = %s AND number = ANY(%s::text[])"
    return {number for (number,) in uow.rows(query, (hex_of(uow.district_id), text_array(list(numbers))))}


def members_of(uow: UnitOfWork, member_ids: Iterable[str]) -> dict[str, Member]:
    """Members by id, whoever asks."""
    query = select(Member).where(Member.district_id == uow.district_id, Member.id.in_(list(member_ids)))
    return {member.id: member for member in uow.session.scalars(query)}


def survivor_of(uow: UnitOfWork, member_id: str) -> str:
    """Whom an id leads to, whoever asks: of a member that was merged, the survivor."""
    query = "SELECT merged_into FROM members WHERE district_id = %s AND id = %s AND merged_into IS NOT NULL"
    rows = uow.rows(query, (hex_of(uow.district_id), hex_of(member_id)))
    return f"mem_{rows[0][0]}" if rows else member_id


AND_MERGED = """
    SELECT one AS id, one AS survivor FROM unnest(%(members)s::uuid[]) AS one
    UNION ALL
    SELECT o.id, o.merged_into FROM members AS o
    WHERE o.district_id = %(district)s AND o.merged_into = ANY(%(members)s::uuid[])
"""
"""Some members and those who became part of them, by whom they are now: as a part of a larger question."""


def with_merged(uow: UnitOfWork, member_id: str) -> list[str]:
    """A member and those that were merged into it."""
    query = "SELECT id FROM members WHERE district_id = %s AND merged_into = %s"
    rows = uow.rows(query, (hex_of(uow.district_id), hex_of(member_id)))
    return [member_id, *(f"mem_{one}" for (one,) in rows)]


def ask_profiles(uow: UnitOfWork, member_ids: Iterable[str]) -> Asked[dict[str, tuple[list[str], bytes | None, bool]]]:
    """Sends the question for members' tags, sealed birthdays and whether they returned; call the result for them by id."""
    wanted = sorted(set(member_ids))
    if not wanted:
        return dict
    query = "SELECT id, tags, birthday, returned FROM members WHERE district_id = %s AND id = ANY(%s::uuid[])"
    cursor = uow.execute(query, (hex_of(uow.district_id), id_array(wanted)))
    return lambda: {
        f"mem_{member}": (tags, birthday, returned) for member, tags, birthday, returned in cursor.fetchall()
    }


def ask_holders(uow: UnitOfWork, member_ids: Iterable[str]) -> Asked[dict[str, tuple[str, list[str]]]]:
    """Sends the question for members' numbers and tags; call the result for them by id."""
    wanted = sorted(set(member_ids))
    if not wanted:
        return dict
    query = "SELECT id, number, tags FROM members WHERE district_id = %s AND id = ANY(%s::uuid[])"
    cursor = uow.execute(query, (hex_of(uow.district_id), id_array(wanted)))
    return lambda: {f"mem_{member}": (number, tags) for member, number, tags in cursor.fetchall()}


def memberships_of(uow: UnitOfWork, member_ids: Iterable[str]) -> dict[str, list[MerchantMembership]]:
    """Merchant memberships by member: all to a district key, its own to a merchant's."""
    query = select(MerchantMembership).where(
        MerchantMembership.district_id == uow.district_id, MerchantMembership.member_id.in_(list(member_ids))
    )
    if uow.principal.merchant_id:
        query = query.where(MerchantMembership.merchant_id == uow.principal.merchant_id)
    result: dict[str, list[MerchantMembership]] = {}
    for row in uow.session.scalars(query.order_by(MerchantMembership.since, MerchantMembership.merchant_id)):
        result.setdefault(row.member_id, []).append(row)
    return result


def ask_known(uow: UnitOfWork, pairs: Iterable[tuple[str, str]]) -> Asked[dict[tuple[str, str], bool]]:
    """Sends the question which members (first) are members of merchants (second), and whether the member has proved it."""
    wanted = sorted(set(pairs))
    if not wanted:
        return dict
    cursor = uow.execute(
        "SELECT j.member, j.merchant, m.proved_at IS NOT NULL "
        f"FROM {rows_of(members='uuid', merchants='uuid')} AS j (member, merchant) "
        "JOIN merchant_memberships AS m ON m.district_id = %(district)s "
        "AND m.member_id = j.member AND m.merchant_id = j.merchant",
        {
            "district": hex_of(uow.district_id),
            "members": id_array([member for member, _ in wanted]),
            "merchants": id_array([merchant for _, merchant in wanted]),
        },
    )
    return lambda: {
        (f"mem_{member}", f"mer_{merchant}"): is_proven for member, merchant, is_proven in cursor.fetchall()
    }


_STALE = """
    SELECT m.id FROM members AS m
    WHERE m.district_id = %(district)s AND m.id > %(after)s AND (
        get_byte(m.phone, 0) <> %(seal)s OR get_byte(m.name, 0) <> %(seal)s OR get_byte(m.birthday, 0) <> %(seal)s
        OR EXISTS (
            SELECT FROM member_identities AS i WHERE i.district_id = %(district)s AND i.member_id = m.id
              AND (get_byte(i.value, 0) <> %(seal)s OR i.key_version <> ALL(%(versions)s::integer[]))
        )
        OR EXISTS (
            SELECT FROM member_code_keys AS c WHERE c.district_id = %(district)s AND c.member_id = m.id
              AND get_byte(c.secret, 0) <> %(seal)s
        )
        OR EXISTS (
            SELECT FROM (
                SELECT i.kind, count(*) AS rows FROM member_identities AS i
                WHERE i.district_id = %(district)s AND i.member_id = m.id GROUP BY i.kind, i.key_version
            ) AS k GROUP BY k.kind HAVING count(*) <> cardinality(%(versions)s::integer[]) OR min(rows) <> max(rows)
        )
    )
    ORDER BY m.id LIMIT %(most)s FOR UPDATE OF m
"""


def stale_members(uow: UnitOfWork, after: str, most: int) -> list[Member]:
    """Members after an id who need an older key than the newest, or lack a row for one in use; locked, in order."""
    values = {
        "district": hex_of(uow.district_id),
        "after": hex_of(after),
        "most": most,
        "seal": keyring().seal_version,
        "versions": number_array(keyring().index_versions),
    }
    ids = [f"mem_{member}" for (member,) in uow.rows(_STALE, values)]
    found = members_of(uow, ids)
    return [found[one] for one in ids]


def ids_in_sets(uow: UnitOfWork, size: int) -> Iterator[list[str]]:
    """Ids of all members, those who have gone included, in their order, some at a time."""
    query = "SELECT id FROM members WHERE district_id = %s AND id > %s ORDER BY id LIMIT %s"
    last = "0" * 32
    while found := [member for (member,) in uow.rows(query, (hex_of(uow.district_id), last, size))]:
        yield found
        last = found[-1]


def lock_member_row(uow: UnitOfWork, member_id: str) -> None:
    """Waits for whoever changes what the member is known by, and keeps others waiting."""
    query = "SELECT FROM members WHERE district_id = %s AND id = %s FOR UPDATE"
    uow.execute(query, (hex_of(uow.district_id), hex_of(member_id)))


def lock_member_rows(uow: UnitOfWork, member_ids: Iterable[str]) -> None:
    """Holds several members, in the order of their ids."""
    query = "SELECT FROM members WHERE district_id = %s AND id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE"
    uow.execute(query, (hex_of(uow.district_id), id_array(list(member_ids))))


def consents_of(uow: UnitOfWork, member_ids: Collection[str]) -> list[Consent]:
    """Everything that members consented to or withdrew, oldest first."""
    query = select(Consent).where(Consent.district_id == uow.district_id, Consent.member_id.in_(member_ids))
    return list(uow.session.scalars(query.order_by(Consent.id)))


def identities_of(uow: UnitOfWork, member_id: str) -> list[MemberIdentity]:
    """All identities of a member."""
    query = select(MemberIdentity).where(
        MemberIdentity.district_id == uow.district_id, MemberIdentity.member_id == member_id
    )
    return list(uow.session.scalars(query))


def comings(told: str) -> str:
    """How many members events let join, become part of others and leave, by local day: rows that aren't summed.

    `told` are events, as `outbox.WAITING` gives them; it needs the parameters of `shifts_of_all`, as COMINGS_COUNTED does.
    """

    def named(*kinds: str) -> str:
        return f"""
            AND m.id IN (SELECT right(o.payload ->> 'member_id', 32)::uuid FROM {told} AS o
                         WHERE o.type IN ('{"', '".join(kinds)}'))
        """

    return f"{_JOINED} {named(MemberEnrolled.type)} UNION ALL {_WENT} {named(MemberMerged.type, MemberErased.type)}"


_JOINED_BETWEEN = """
    SELECT (SELECT count(*) FROM {table} AS m WHERE m.district_id = %(district)s::uuid AND {whose} m.{since} >= s.since
            AND m.{since} < s.until)
    FROM (SELECT unnest(%(since)s::timestamptz[]) AS since, unnest(%(until)s::timestamptz[]) AS until) AS s
"""
_JOINED_DISTRICT = _JOINED_BETWEEN.format(table="members", whose="", since="created_at")
_JOINED_MERCHANT = _JOINED_BETWEEN.format(
    table="merchant_memberships", whose="m.merchant_id = %(merchant)s::uuid AND", since="since"
)


def joined_between(uow: UnitOfWork, spans: Sequence[tuple[datetime, datetime]], merchant_id: str | None) -> list[int]:
    """How many became members of the district, or of a merchant, in each of some spans."""
    since, until = zip(*spans, strict=True)
    values = {"district": hex_of(uow.district_id), "since": instant_array(since), "until": instant_array(until)}
    if merchant_id is None:
        return [count for (count,) in uow.rows(_JOINED_DISTRICT, values)]
    return [count for (count,) in uow.rows(_JOINED_MERCHANT, {**values, "merchant": hex_of(merchant_id)})]
