"""Verbs on a whole member, across the rooms.

Locks: the configuration where sales move, phones, the member's row, balances in order of ids, coupons, then sales.
"""

from __future__ import annotations

from typing import NamedTuple

from app.care.cases import services as cases
from app.coupons.errors import CouponIsHeld
from app.coupons.redeeming.queries import any_held
from app.districts.queries import ask_revision
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound
from app.members import leaving, merging, queries
from app.members import services as members
from app.members.events import MemberFrozen, MemberUnfrozen
from app.points.merging import erase_purse, merge_purses
from app.points.purses import queries as points
from app.points.purses import services as purses
from app.transactions import owners


class ChangedMember(NamedTuple):
    """A member, and whether anything was changed: whoever repeats a call changes nothing."""

    member_id: str
    is_new: bool


def freeze(uow: UnitOfWork, member_id: str) -> ChangedMember:
    """Keeps a member from spending and claiming. Raises NotFound."""
    member = members.lock_present(uow, member_id)
    if member.status == "frozen":
        return ChangedMember(member.id, False)
    member.status = "frozen"
    purses.block_spending(uow, member.id, frozen=True)
    uow.emit(MemberFrozen(member.id))
    return ChangedMember(member.id, True)


def unfreeze(uow: UnitOfWork, member_id: str) -> ChangedMember:
    """Lets a member spend and claim again. Raises NotFound."""
    member = members.lock_present(uow, member_id)
    if member.status != "frozen":
        return ChangedMember(member.id, False)
    member.status = "active"
    purses.block_spending(uow, member.id, frozen=False)
    uow.emit(MemberUnfrozen(member.id))
    return ChangedMember(member.id, True)


def lock_spending(uow: UnitOfWork, member_id: str, *, locked: bool) -> str:
    """Lets a member's points rest until unlocked; gives its id. Raises NotFound."""
    member = members.lock_present(uow, member_id)
    purses.block_spending(uow, member.id, locked=locked)
    return member.id


def merge(uow: UnitOfWork, old_id: str, into_id: str) -> str:
    """Makes one member of two: the first becomes part of the second, whose id it gives. It can't be undone.

    Raises NotFound, MemberIsFrozen, CouponIsHeld, ValidationFailed.
    """
    ask_revision(uow)()
    leaving.lock_phones_of(uow, old_id)
    queries.lock_member_rows(uow, [old_id, into_id])
    old = members.lock_present(uow, old_id)
    try:
        survivor = members.lock_present(uow, into_id)
    except NotFound:
        raise NotFound.at("/into", _l("member")) from None
    points.ask_balances(uow, {old.id, survivor.id})()
    if old.id != survivor.id and any_held(uow, [old.id, survivor.id], lock=True):
        raise CouponIsHeld
    merging.merge(uow, old, survivor)
    uow.session.flush()
    merge_purses(uow, old.id, survivor.id)
    owners.move_sales(uow, old.id, survivor.id)
    return survivor.id


def erase(uow: UnitOfWork, member_id: str) -> ChangedMember:
    """Forgets a person: points go to breakage, and nothing leads from what is kept to whom it was. Raises NotFound.

    What was owed stays with the traces of the phones for a year.
    """
    member = leaving.lock_member(uow, member_id)
    if member.is_gone:
        return ChangedMember(member.id, False)
    phone_indexes = leaving.erase(uow, member, owed=erase_purse(uow, member.id))
    uow.session.flush()
    cases.forget(uow, member.id)
    owners.forget_buyer(uow, member.id, phone_indexes)
    return ChangedMember(member.id, True)
