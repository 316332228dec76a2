"""Verbs on tills and cashiers. Whoever lets a till be paired needs all that a till may do, and no till outlasts its maker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.staff.hashing import PINS
from app.staff.tills import queries
from app.staff.tills.events import TillCreated, TillRevoked
from app.staff.tills.models import Cashier, Till

_END_TOKENS = "DELETE FROM till_tokens WHERE district_id = %(district)s AND till_id = %(till)s"
CLOSE_SHIFT = """
    UPDATE shifts SET closed_at = %(real_now)s WHERE district_id = %(district)s AND till_id = %(till)s AND closed_at IS NULL
"""
_CLOSE_OF_CASHIER = """
    UPDATE shifts SET closed_at = %(real_now)s
    WHERE district_id = %(district)s AND cashier_id = %(cashier)s AND closed_at IS NULL
"""
_FORGET_TRIES = "DELETE FROM pin_tries WHERE district_id = %(district)s AND cashier_id = %(cashier)s"
_REVOKE_ALL = """
    UPDATE tills SET revoked_at = %(real_now)s, pairing_hash = NULL
    WHERE district_id = %(district)s AND revoked_at IS NULL RETURNING id
"""


def create_till(uow: UnitOfWork, *, store_id: str, name: str, locks_after_minutes: int, closes_at: str | None) -> Till:
    """Raises NotFound for a foreign store."""
    store = districts.store_exists(uow, store_id)
    till = Till(
        district_id=uow.district_id,
        id=new_id("til"),
        store_id=store.id,
        name=name,
        locks_after_minutes=locks_after_minutes,
        closes_at=closes_at,
        pairing_is_for_tests=False,
        created_at=uow.real_now,
    )
    uow.session.add(till)
    uow.session.flush()
    uow.emit(TillCreated(till.id, store.id, store.merchant_id))
    return till


def update_till(uow: UnitOfWork, till_id: str, changes: Mapping[str, Any]) -> Till:
    """Changes its name, or when it locks: idle minutes at once, its closing time from the next shift on. Raises NotFound."""
    till = queries.hold_till(uow, till_id)
    for name, value in changes.items():
        setattr(till, name, value)
    return till


def revoke_till(uow: UnitOfWork, till_id: str) -> Till:
    """Ends a till, its tokens and its shift; processes that remember it forget it within `key_cache_seconds`.

    Raises NotFound, also for a revoked one.
    """
    till = queries.hold_till(uow, till_id)
    till.revoked_at, till.pairing_hash = uow.real_now, None
    end_tokens(uow, till.id)
    store = districts.find_store(uow, till.store_id)
    uow.emit(TillRevoked(till.id, store.id, store.merchant_id))
    return till


def end_tokens(uow: UnitOfWork, till_id: str) -> None:
    """Ends all tokens of a till that is held, and its shift."""
    values = {"till": hex_of(till_id), "real_now": uow.real_now}
    uow.write(_END_TOKENS, values)
    uow.write(CLOSE_SHIFT, values)


def end_all(uow: UnitOfWork) -> int:
    """Revokes every till of the district; gives their number."""
    ended = uow.rows(_REVOKE_ALL, {"district": hex_of(uow.district_id), "real_now": uow.real_now})
    for (till,) in ended:
        end_tokens(uow, f"til_{till}")
    return len(ended)


def add_cashier(uow: UnitOfWork, store_id: str, *, name: str, pin: str) -> Cashier:
    """Raises NotFound for a foreign store, Busy."""
    store = districts.find_store(uow, store_id)
    cashier = Cashier(
        district_id=uow.district_id,
        id=new_id("csh"),
        store_id=store.id,
        name=name,
        pin_hash=PINS.hash(pin),
        created_at=uow.real_now,
    )
    uow.session.add(cashier)
    uow.session.flush()
    return cashier


def update_cashier(uow: UnitOfWork, store_id: str, cashier_id: str, changes: Mapping[str, Any]) -> Cashier:
    """Changes name or PIN; a new PIN ends the shifts under the old one, and forgets wrong tries. Raises NotFound, Busy."""
    store = districts.find_store(uow, store_id)
    cashier = queries.find_cashier(uow, store.id, cashier_id)
    cashier.name = changes.get("name", cashier.name)
    if "pin" in changes:
        cashier.pin_hash = PINS.hash(changes["pin"])
        _end_of_pin(uow, cashier)
    return cashier


def remove_cashier(uow: UnitOfWork, store_id: str, cashier_id: str) -> Cashier:
    """Ends a cashier's PIN and shifts, and forgets the name. Raises NotFound."""
    store = districts.find_store(uow, store_id)
    cashier = queries.find_cashier(uow, store.id, cashier_id)
    cashier.name, cashier.pin_hash, cashier.removed_at = "", "", uow.real_now
    _end_of_pin(uow, cashier)
    return cashier


def _end_of_pin(uow: UnitOfWork, cashier: Cashier) -> None:
    values = {"cashier": hex_of(cashier.id), "real_now": uow.real_now}
    uow.write(_CLOSE_OF_CASHIER, values)
    uow.write(_FORGET_TRIES, values)
