"""Roles changed and taken away. Nobody gives or takes a role with scopes it lacks, and somebody stays who may do everything.

A change is one commit in its district: sessions hold on to the version of the role that they began with.
"""

from __future__ import annotations

from typing import NamedTuple

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import Forbidden, NotFound, ValidationFailed
from app.foundation.runtime import keyring
from app.foundation.tenancy import OPERATOR_DISTRICT
from app.staff import queries
from app.staff.errors import LastAdmin
from app.staff.models import StaffMember
from app.staff.roles import ALLIANCE_ADMIN, OPERATOR, ROLES, may_give

_ALONE = (ALLIANCE_ADMIN, OPERATOR)
"""Roles of which one stays."""


class Post(NamedTuple):
    """A role at a place: of a merchant or a store where it has one; a store's merchant stands with it."""

    role: str
    merchant_id: str | None
    store_id: str | None


def post_of(uow: UnitOfWork, role: str, merchant_id: str | None, store_id: str | None) -> Post:
    """A role with what belongs to it, which the principal may give. Raises Forbidden, NotFound, ValidationFailed."""
    reach = ROLES[role].reach
    if merchant_id is not None:
        try:
            districts.find_merchant(uow, merchant_id)
        except NotFound:
            raise NotFound.at("/merchant_id", _l("merchant")) from None
    store = None if store_id is None else districts.store_exists(uow, store_id)
    if (reach == "installation") != (uow.district_id == OPERATOR_DISTRICT):
        raise ValidationFailed.at("/role", "not-here", _l("This role is none of this place."))
    _check_place("/merchant_id", is_needed=reach == "merchant", is_given=merchant_id is not None)
    _check_place("/store_id", is_needed=reach == "store", is_given=store_id is not None)
    post = Post(role, store.merchant_id if store else merchant_id, store_id)
    must_give(uow, post)
    return post


def _check_place(pointer: str, *, is_needed: bool, is_given: bool) -> None:
    if is_needed and not is_given:
        raise ValidationFailed.at(pointer, "required", _l("This role is one merchant's or store's: say whose."))
    if is_given and not is_needed:
        raise ValidationFailed.at(pointer, "not-with-role", _l("This role is of no such place."))


def must_give(uow: UnitOfWork, post: Post) -> None:
    """Raises Forbidden where the principal may not give, or take, a role."""
    principal = uow.principal
    holder = {"*"} if principal.kind == "system" else principal.scopes
    is_own = principal.kind == "operator" and post.role == OPERATOR
    if not (is_own or may_give(holder, principal.merchant_id, ROLES[post.role], post.merchant_id)):
        raise Forbidden(_l("You have no say over the role %(role)s there.", role=post.role))


def change_role(uow: UnitOfWork, account_id: str, post: Post) -> StaffMember:
    """Gives somebody of staff another role; its sessions here end. Raises NotFound, Forbidden, LastAdmin."""
    row = _held(uow, account_id, keeps=post.role)
    if (row.role, row.merchant_id, row.store_id) != post:
        row.role, row.merchant_id, row.store_id = post
        row.version += 1
    uow.session.flush()
    return row


def remove(uow: UnitOfWork, account_id: str) -> StaffMember:
    """Takes somebody's role away; its sessions here end. Raises NotFound, Forbidden, LastAdmin."""
    row = _held(uow, account_id, keeps=None)
    row.removed_at = uow.now
    row.version += 1
    uow.session.flush()
    return row


def _held(uow: UnitOfWork, account_id: str, *, keeps: str | None) -> StaffMember:
    """Somebody of staff under lock, whose role may be taken by the principal and is not the last of its kind."""
    found = queries.find_staff(uow, account_id)
    holders = queries.lock_holders(uow, [found.role]) if found.role in _ALONE else set()
    row = queries.find_staff(uow, account_id, lock=True)
    must_give(uow, Post(row.role, row.merchant_id, row.store_id))
    if row.role in _ALONE and row.role != keeps and holders <= {account_id}:
        raise LastAdmin
    return row


def bound_to(district_id: str, account_id: str) -> str:
    """What the sealed fields of somebody of staff are bound to."""
    return f"{district_id}/{account_id}"


def take_post(uow: UnitOfWork, account_id: str, name: str, login_hint: str, post: Post) -> StaffMember:
    """Lets an account work here, again if it has before."""
    bound = bound_to(uow.district_id, account_id)
    row = queries.staff_row(uow, account_id)
    if row is None:
        row = StaffMember(district_id=uow.district_id, account_id=account_id, version=0)
        uow.session.add(row)
    row.name, row.login_hint = keyring().seal(name, bound_to=bound), keyring().seal(login_hint, bound_to=bound)
    row.role, row.merchant_id, row.store_id = post
    row.version += 1
    row.since, row.removed_at = uow.real_now, None
    uow.session.flush()
    return row
