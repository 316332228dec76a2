"""How members and consents are shown, to whom as much as may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import list_answer, rows_of_page
from app.members import queries, rules, services
from app.members.models import Consent, Member, MerchantMembership
from app.members.shown_tiers import tiers_of


def show_member_row(
    member: Member, memberships: list[MerchantMembership], tier: dict[str, Any] | None
) -> dict[str, Any]:
    """A member as the API shows it to whoever may read it."""
    return {
        **show_known(member, services.personal(member, "phone")),
        "number": member.number,
        "name": services.personal(member, "name"),
        "birthday": services.personal(member, "birthday"),
        "tier": tier,
        "tags": member.tags,
        "status": member.status,
        "memberships": [{"merchant_id": row.merchant_id, "since": format_instant(row.since)} for row in memberships],
        "created_at": format_instant(member.created_at),
    }


def show_known(member: Member, phone: str | None) -> dict[str, Any]:
    """What is told of a phone that is a member already: of its other phones nothing."""
    return {"object": "member", "id": member.id, "masked_phone": phone and rules.mask_phone(phone)}


def show_unproven(member: Member, membership: MerchantMembership) -> dict[str, Any]:
    """A member as a merchant sees it that only says to know it: what the merchant wrote itself, and no more."""
    is_own = member.written_by == membership.merchant_id
    return {
        **show_member_row(member, [membership], None),
        **({} if is_own else {"name": None, "birthday": None}),
        "tags": [],
        "status": member.status if member.is_gone else "active",
        "created_at": format_instant(membership.since),
    }


def show_members(uow: UnitOfWork, rows: Sequence[Member]) -> list[dict[str, Any]]:
    """Members as the principal may see each of them."""
    ids = [row.id for row in rows]
    memberships = queries.memberships_of(uow, ids)
    unproven = {
        one.member_id: one
        for own in (memberships.values() if uow.principal.merchant_id else ())
        for one in own
        if one.proved_at is None
    }
    tiers = tiers_of(uow, [one for one in ids if one not in unproven])
    return [
        show_unproven(row, unproven[row.id])
        if row.id in unproven
        else show_member_row(row, memberships.get(row.id, []), tiers.get(row.id))
        for row in rows
    ]


def page_of_members(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the members who are there and whom the principal may see, newest first; `query` as MEMBERS checks it."""
    found = queries.present_members(uow, **{name: query.get(name) for name in ("phone", "number", "tag")})
    rows, has_more = rows_of_page(uow, found, Member.id, query)
    return list_answer(show_members(uow, rows), has_more=has_more)


def show_present(uow: UnitOfWork, member_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Those of some members who are there and whom the principal may see, in the order given."""
    found = {row.id: row for row in uow.session.scalars(queries.present_members(uow).where(Member.id.in_(member_ids)))}
    return show_members(uow, [found[one] for one in member_ids if one in found])


def show_consent(row: Consent) -> dict[str, Any]:
    """A consent as the API shows it."""
    return {
        "object": "consent",
        "id": row.id,
        "controller": row.controller,
        "purpose": row.purpose,
        "version": row.version,
        "granted": row.granted,
        "way": row.way,
        "recorded_at": format_instant(row.recorded_at),
    }


def show_consents(uow: UnitOfWork, member_ids: Sequence[str]) -> list[dict[str, Any]]:
    """What members last said to each controller of each purpose, as the API shows it."""
    said = {(row.controller, row.purpose): row for row in queries.consents_of(uow, member_ids)}
    return [show_consent(row) for row in said.values()]


def show_member(uow: UnitOfWork, member_id: str) -> dict[str, Any]:
    """A member as the API shows it. Raises NotFound."""
    return show_members(uow, [queries.find_member(uow, member_id)])[0]
