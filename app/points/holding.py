"""What keeps a member's points still: frozen by the alliance, or locked against spending by the member."""

from __future__ import annotations

from app.foundation.ids import hex_of
from app.foundation.unit_of_work import UnitOfWork

_HOLD = """
    UPDATE point_balances SET is_frozen = coalesce(%(frozen)s, is_frozen),
                              is_spend_locked = coalesce(%(locked)s, is_spend_locked)
    WHERE district_id = %(district)s AND member_id = %(member)s RETURNING is_frozen, is_spend_locked
"""


def hold(
    uow: UnitOfWork, member_id: str, *, frozen: bool | None = None, locked: bool | None = None
) -> tuple[bool, bool]:
    """Sets or lifts either hold, in line with whoever spends; gives whether the member is frozen, and is locked."""
    values = {"district": hex_of(uow.district_id), "member": hex_of(member_id), "frozen": frozen, "locked": locked}
    [(is_frozen, is_locked)] = uow.rows(_HOLD, values)
    return is_frozen, is_locked
