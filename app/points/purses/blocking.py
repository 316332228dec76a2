"""What keeps a member's points still: frozen by the alliance, locked against spending by the member, or resting for a
day after the member's phone was changed."""

from __future__ import annotations

from datetime import timedelta

from app.foundation.ids import hex_of
from app.foundation.unit_of_work import UnitOfWork

_HOLD = """
    UPDATE point_balances SET is_frozen = coalesce(%(frozen)s, is_frozen),
                              is_spend_locked = coalesce(%(locked)s, is_spend_locked)
    WHERE district_id = %(district)s AND member_id = %(member)s RETURNING is_frozen, is_spend_locked
"""
RESTS = timedelta(hours=24)
"""For so long nothing is spent after a change of phone: whoever took a member over finds the purse closed."""
_REST = """
    UPDATE point_balances SET spend_rests_until = %(until)s WHERE district_id = %(district)s AND member_id = %(member)s
"""


def hold(
    uow: UnitOfWork, member_id: str, *, frozen: bool | None = None, locked: bool | None = None
) -> tuple[bool, bool]:
    """Sets or lifts either hold, in line with whoever spends; gives whether the member is frozen, and is locked."""
    values = {"district": hex_of(uow.district_id), "member": hex_of(member_id), "frozen": frozen, "locked": locked}
    [(is_frozen, is_locked)] = uow.rows(_HOLD, values)
    return is_frozen, is_locked


def rest(uow: UnitOfWork, member_id: str) -> None:
    """Lets spending rest for a day from now; earning goes on."""
    uow.write(_REST, {"member": hex_of(member_id), "until": uow.now + RESTS})
