"""Notices to numbers that cease to be a member's: kept in the commit of what they tell, sent by a job, and then forgotten.

None is lost: what can't be sent is tried again for a week, less and less often. When to send goes by real time, also in
a sandbox: they leave for a machine. Those of a sandbox are kept for that week in any case: its own key reads them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from app.districts import queries as districts
from app.foundation.database.everywhere import ask_everywhere
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.foundation.keyring import SealBroken
from app.foundation.runtime import keyring

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
KEPT = timedelta(days=7)
_ADD = """
    INSERT INTO phone_notices (district_id, id, phone, changes_on, created_at, send_at)
    VALUES (%(district)s, %(id)s, %(phone)s, %(on)s, %(real_now)s, %(real_now)s)
"""
_TAKE = """
    UPDATE phone_notices SET sends = sends + 1, send_at = %(now)s + least(%(first)s * 2 ^ least(sends, 10), %(longest)s)
    WHERE district_id = %(district)s AND id = %(id)s AND send_at <= %(now)s RETURNING phone, changes_on
"""
_FORGET = "DELETE FROM phone_notices WHERE district_id = %s AND id = %s"
_KEEP = "UPDATE phone_notices SET send_at = 'infinity' WHERE district_id = %s AND id = %s"
_KEPT = """
    SELECT id, phone, changes_on, created_at FROM phone_notices WHERE district_id = %s ORDER BY created_at DESC, id LIMIT 1000
"""
_FORGET_OLD = "DELETE FROM phone_notices WHERE district_id = %s AND created_at < %s"


class NumberNotice(NamedTuple):
    """Which phone (E.164) ceases to be its member's, on which local day."""

    phone: str
    changes_on: date


class KeptNotice(NamedTuple):
    """A notice of a sandbox: to which phone (E.164), which local day it tells, and its times, which are real ones."""

    phone: str
    changes_on: date
    asked_at: datetime
    expires_at: datetime


def kept_notices(uow: UnitOfWork) -> list[KeptNotice]:
    """The notices of a district that are kept, the newest first. For sandboxes: elsewhere only the phone knows them."""
    return [
        KeptNotice(keyring().open(sealed, bound_to=bound_to(f"ntc_{notice}")), on, at, at + KEPT)
        for notice, sealed, on, at in uow.rows(_KEPT, (hex_of(uow.district_id),))
    ]


def add_notices(uow: UnitOfWork, phones: Iterable[str], at: datetime) -> None:
    """Keeps notices to phones (E.164) that they are the member's no more from an instant on."""
    on = at.astimezone(districts.directory(uow).zone).date()
    for phone in phones:
        notice_id = new_id("ntc")
        sealed = keyring().seal(phone, bound_to=bound_to(notice_id))
        uow.write(_ADD, {"id": hex_of(notice_id), "phone": sealed, "on": on, "real_now": uow.real_now})


def take_notice(uow: UnitOfWork, notice_id: str) -> NumberNotice | None:
    """A notice that is to be sent now; None if it has left, or another is sending it. Unless told `done` it comes again."""
    values = {"district": hex_of(uow.district_id), "id": hex_of(notice_id), "now": uow.real_now}
    rows = uow.rows(_TAKE, {**values, "first": FIRST_PAUSE, "longest": LONGEST_PAUSE})
    if not rows:
        return None
    try:
        return NumberNotice(keyring().open(rows[0][0], bound_to=bound_to(notice_id)), rows[0][1])
    except SealBroken:
        uow.execute(_FORGET, (hex_of(uow.district_id), hex_of(notice_id)))
        return None


def forget_sent(uow: UnitOfWork, notice_id: str) -> None:
    """Forgets a notice that has left, or never will; one of a sandbox is kept to be read."""
    uow.execute(_KEEP if uow.is_sandbox else _FORGET, (hex_of(uow.district_id), hex_of(notice_id)))


def forget_old(uow: UnitOfWork) -> int:
    """Forgets notices that nobody could send for a week; gives their number."""
    return uow.execute(_FORGET_OLD, (hex_of(uow.district_id), uow.real_now - KEPT)).rowcount


def waiting() -> list[tuple[str, str]]:
    """Districts and notices, of all districts, that should leave now."""
    query = "SELECT district_id, id FROM notices_waiting(%s, %s::uuid[])"
    rows = ask_everywhere(lambda uow, among: uow.rows(query, (uow.now, among)))
    return [(f"dis_{district}", f"ntc_{notice}") for district, notice in rows]


def bound_to(notice_id: str) -> str:
    """What the number of a notice is sealed to."""
    return f"{notice_id}/phone"
