"""Reading of this wing, locks included."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, or_, select

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.pagination import rows_of_page
from app.foundation.problems import NotFound
from app.foundation.tenancy import Principal
from app.staff.tills.models import Cashier, Till, TillShift, TillToken
from app.staff.tills.rules import TILL_SCOPES

T = TypeVar("T")


class TillHolder(NamedTuple):
    """Who holds a token: the till, when it was last seen, whether the token is used for the first time, and its end (UTC)."""

    principal: Principal
    seen_at: datetime | None
    is_new: bool
    ends_at: datetime | None


def holder_of(uow: UnitOfWork, token_hash: bytes) -> TillHolder | None:
    """Who holds a token; None for nobody, or a till revoked or past its end."""
    stores = districts.stores(uow).subquery()
    row = uow.session.execute(
        select(
            Till.id,
            stores.c.merchant_id,
            Till.store_id,
            Till.seen_at,
            TillToken.used_at,
            TillToken.ends_at,
            Till.ends_at,
        )
        .join(TillToken, (TillToken.district_id == Till.district_id) & (TillToken.till_id == Till.id))
        .join(stores, (stores.c.district_id == Till.district_id) & (stores.c.id == Till.store_id))
        .where(
            Till.district_id == uow.district_id,
            TillToken.district_id == uow.district_id,
            TillToken.token_hash == token_hash,
            Till.revoked_at.is_(None),
            or_(TillToken.ends_at.is_(None), TillToken.ends_at > uow.real_now),
            or_(Till.ends_at.is_(None), Till.ends_at > uow.now),
        )
    ).one_or_none()
    if row is None:
        return None
    till_id, merchant_id, store_id, seen_at, used_at, *ends = row
    principal = Principal(
        "till", till_id, uow.district_id, merchant_id, store_id, frozenset(TILL_SCOPES), secret_hash=token_hash
    )
    return TillHolder(principal, seen_at, used_at is None, min((one for one in ends if one), default=None))


def tills(uow: UnitOfWork) -> Select[Till]:
    """The tills of the stores that the principal may see."""
    visible = districts.stores(uow).subquery()
    in_one = (visible.c.district_id == Till.district_id) & (visible.c.id == Till.store_id)
    return select(Till).join(visible, in_one).where(Till.district_id == uow.district_id)


def page_of_tills(uow: UnitOfWork, query: Mapping[str, Any]) -> tuple[list[Till], bool]:
    """A page of tills, newest first, of one store if it is named; and whether there are more."""
    found = tills(uow)
    if query.get("store_id"):
        found = found.where(Till.store_id == query["store_id"])
    return rows_of_page(uow, found, Till.id, query)


def find_till(uow: UnitOfWork, till_id: str) -> Till:
    """Raises NotFound, also for another merchant's till."""
    return _found(uow.session.scalars(tills(uow).where(Till.id == till_id)).one_or_none())


def hold_till(uow: UnitOfWork, till_id: str) -> Till:
    """Locks a till that works: its tokens, shifts and tries change under it. Raises NotFound, also for a revoked one."""
    query = tills(uow).where(Till.id == till_id, Till.revoked_at.is_(None))
    return _found(uow.session.scalars(query.with_for_update(of=Till)).one_or_none())


def lock_pairing(uow: UnitOfWork, pairing_hash: bytes) -> Till | None:
    """Locks the till that waits for a browser with this code."""
    query = select(Till).where(
        Till.district_id == uow.district_id,
        Till.pairing_hash == pairing_hash,
        Till.pairing_ends_at > uow.real_now,
        Till.revoked_at.is_(None),
    )
    return uow.session.scalars(query.with_for_update()).one_or_none()


def cashiers(uow: UnitOfWork, store_id: str) -> Select[Cashier]:
    """Who opens the tills of a store now."""
    return select(Cashier).where(
        Cashier.district_id == uow.district_id, Cashier.store_id == store_id, Cashier.removed_at.is_(None)
    )


def find_cashier(uow: UnitOfWork, store_id: str, cashier_id: str) -> Cashier:
    """Raises NotFound, also for another store's."""
    return _found(uow.session.scalars(cashiers(uow, store_id).where(Cashier.id == cashier_id)).one_or_none())


def named_cashier(uow: UnitOfWork, store_id: str, cashier_id: str) -> Cashier:
    """The cashier that an input names at `/cashier_id`. Raises NotFound with that pointer."""
    try:
        return find_cashier(uow, store_id, cashier_id)
    except NotFound:
        raise NotFound.at("/cashier_id", _l("cashier")) from None


class OpenShift(NamedTuple):
    """A shift that is open now, whose it is, and when it last worked."""

    id: str
    cashier_id: str
    opened_at: datetime
    used_at: datetime
    ends_at: datetime


def open_shifts(uow: UnitOfWork, till_ids: Collection[str]) -> dict[str, OpenShift]:
    """The shifts that are open at tills now, by till."""
    rows = uow.session.execute(
        select(TillShift, Till.locks_after_minutes)
        .join(Till, (Till.district_id == TillShift.district_id) & (Till.id == TillShift.till_id))
        .where(
            TillShift.district_id == uow.district_id,
            TillShift.till_id.in_(till_ids),
            TillShift.closed_at.is_(None),
            TillShift.ends_at > uow.real_now,
        )
    )
    return {
        shift.till_id: OpenShift(shift.id, shift.cashier_id, shift.opened_at, shift.used_at, shift.ends_at)
        for shift, minutes in rows
        if shift.used_at + timedelta(minutes=minutes) > uow.real_now
    }


def _found(row: T | None) -> T:
    if row is None:
        raise NotFound
    return row
