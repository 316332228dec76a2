"""Shifts: opened by a cashier's PIN, ended by idleness, closing time, the next cashier or whoever locks the till.

A try is counted before the PIN is looked at, in a commit of its own: however many come at one time, no more than the
limit are looked at. While a PIN is locked at a till, the right one is refused like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database.once import do_once
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.routing import Call
from app.foundation.ids import hex_of, new_id
from app.staff.hashing import PINS
from app.staff.tills import queries, rules, services
from app.staff.tills.errors import PinLocked, WrongPin
from app.staff.tills.events import TillPinLocked
from app.staff.tills.models import TillShift
from app.staff.tills.queries import OpenShift

_COUNT_TRY = """
    INSERT INTO pin_tries AS p (district_id, till_id, cashier_id, wrong)
    VALUES (%(district)s, %(till)s, %(cashier)s, 1)
    ON CONFLICT (district_id, till_id, cashier_id) DO UPDATE SET wrong = least(p.wrong + 1, 1000)
    RETURNING wrong
"""
_LOCKED = """
    SELECT ceil(extract(epoch FROM locked_until - %(real_now)s))::int FROM pin_tries
    WHERE district_id = %(district)s AND till_id = %(till)s AND cashier_id = %(cashier)s AND locked_until > %(real_now)s
"""
_LOCK = """
    UPDATE pin_tries SET locked_until = %(until)s
    WHERE district_id = %(district)s AND till_id = %(till)s AND cashier_id = %(cashier)s
"""
_FORGET_TRIES = """
    DELETE FROM pin_tries WHERE district_id = %(district)s AND till_id = %(till)s AND cashier_id = %(cashier)s
"""
_TOUCH = "UPDATE shifts SET used_at = %(real_now)s WHERE district_id = %(district)s AND id = %(shift)s"
TOUCHED_EVERY = timedelta(seconds=30)
"""How exactly it is known when a shift last worked: a busy till writes no oftener."""


@contextmanager
def right_pin(call: Call) -> Iterator[str]:
    """Lets a call on whose cashier's PIN is right; gives what was kept of it. Raises NotFound, WrongPin, PinLocked, Busy."""
    cashier_id, pin = call.body["cashier_id"], call.body["pin"]
    kept = do_once(call.principal, lambda uow: _count_try(uow, cashier_id), origin=call.origin)
    if isinstance(kept, PinLocked):
        raise kept
    if not PINS.is_right(kept, pin):
        raise WrongPin.at_pin()
    yield kept


def _count_try(uow: UnitOfWork, cashier_id: str) -> str | PinLocked:
    """Counts a try, and locks what comes after it where it is one too many; gives what is kept of the PIN."""
    till = queries.hold_till(uow, uow.principal.id)
    cashier = queries.named_cashier(uow, till.store_id, cashier_id)
    tried = {"district": hex_of(uow.district_id), "till": hex_of(till.id), "cashier": hex_of(cashier.id)}
    for (seconds,) in uow.rows(_LOCKED, {**tried, "real_now": uow.real_now}):
        return PinLocked(headers={"Retry-After": str(seconds)})
    [(wrong,)] = uow.rows(_COUNT_TRY, tried)
    lasts = rules.lock_after(wrong)
    if lasts is not None:
        uow.execute(_LOCK, {**tried, "until": uow.real_now + lasts})
        merchant_id = uow.principal.merchant_id or ""
        uow.emit(TillPinLocked(till.id, till.store_id, merchant_id, cashier.id))
    return cashier.pin_hash


def open_shift(uow: UnitOfWork, cashier_id: str, pin_hash: str) -> OpenShift:
    """Opens the till for a cashier whose PIN was right; whoever was there before has gone.

    Raises NotFound, and WrongPin where the PIN was changed meanwhile.
    """
    till = queries.hold_till(uow, uow.principal.id)
    cashier = queries.named_cashier(uow, till.store_id, cashier_id)
    if cashier.pin_hash != pin_hash:
        raise WrongPin.at_pin()
    uow.write(_FORGET_TRIES, {"till": hex_of(till.id), "cashier": hex_of(cashier.id)})
    uow.write(services.CLOSE_SHIFT, {"till": hex_of(till.id), "real_now": uow.real_now})
    zone = ZoneInfo(districts.district(uow).time_zone)
    shift = TillShift(
        district_id=uow.district_id,
        id=new_id("shf"),
        till_id=till.id,
        cashier_id=cashier.id,
        opened_at=uow.real_now,
        used_at=uow.real_now,
        ends_at=rules.end_of_shift(uow.real_now, zone, till.closes_at),
    )
    uow.session.add(shift)
    uow.session.flush()
    audit.record(uow, "till.opened", till.id, {"cashier_id": cashier.id})
    return OpenShift(shift.id, cashier.id, shift.opened_at, shift.used_at, shift.ends_at)


def close_shift(uow: UnitOfWork) -> bool:
    """Locks the till; says whether it was open."""
    till = queries.hold_till(uow, uow.principal.id)
    open_ = queries.open_shifts(uow, [till.id]).get(till.id)
    uow.write(services.CLOSE_SHIFT, {"till": hex_of(till.id), "real_now": uow.real_now})
    if open_ is not None:
        audit.record(uow, "till.locked", till.id, {"cashier_id": open_.cashier_id})
    return open_ is not None


def work(uow: UnitOfWork, till_id: str) -> OpenShift | None:
    """The shift that is open at a till, which works now; None where the till is locked."""
    shift = queries.open_shifts(uow, [till_id]).get(till_id)
    if shift is not None and shift.used_at + TOUCHED_EVERY <= uow.real_now:
        uow.write(_TOUCH, {"shift": hex_of(shift.id), "real_now": uow.real_now})
    return shift
