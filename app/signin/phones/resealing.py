"""Numbers that wait, in changes of phones and in notices, sealed anew under the newest key."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.keyring import SealBroken
from app.foundation.runtime import keyring
from app.signin.phones.notices import bound_to as bound_to_notice
from app.signin.phones.services import bound_to as bound_to_change

_STALE = """
    SELECT true, member_id, phone FROM phone_changes WHERE district_id = %(district)s AND get_byte(phone, 0) <> %(seal)s
    UNION ALL
    SELECT false, id, phone FROM phone_notices WHERE district_id = %(district)s AND get_byte(phone, 0) <> %(seal)s
"""
_RESEAL_CHANGE = """
    UPDATE phone_changes SET phone = %(new)s WHERE district_id = %(district)s AND member_id = %(id)s AND phone = %(old)s
"""
_RESEAL_NOTICE = """
    UPDATE phone_notices SET phone = %(new)s WHERE district_id = %(district)s AND id = %(id)s AND phone = %(old)s
"""


def refresh_keys(uow: UnitOfWork) -> tuple[int, list[str]]:
    """Seals the numbers of a district that wait under the newest key; what has gone or changed meanwhile is let be.

    Gives how many had to be, and what no key at hand opens: notices, and members whose number to come is meant.
    """
    changed, broken = 0, []
    district = hex_of(uow.district_id)
    for is_change, hex_id, sealed in uow.rows(_STALE, {"district": district, "seal": keyring().seal_version}):
        bound_to = bound_to_change(f"mem_{hex_id}") if is_change else bound_to_notice(f"ntc_{hex_id}")
        try:
            phone = keyring().open(sealed, bound_to=bound_to)
        except SealBroken:
            broken.append(bound_to)
            continue
        values = {"district": district, "id": hex_id, "old": sealed, "new": keyring().seal(phone, bound_to=bound_to)}
        changed += uow.execute(_RESEAL_CHANGE if is_change else _RESEAL_NOTICE, values).rowcount
    return changed, broken
