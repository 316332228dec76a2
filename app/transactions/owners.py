"""Sales whose member becomes part of another, or leaves."""

from __future__ import annotations

from collections.abc import Sequence

from app.foundation.ids import hex_of
from app.foundation.sql_arrays import bytes_array
from app.foundation.unit_of_work import UnitOfWork

_MOVE = """
    UPDATE transactions SET member_id = %(survivor)s::uuid
    WHERE district_id = %(district)s::uuid AND member_id = %(old)s::uuid
"""
_FORGET = """
    UPDATE transactions SET member_print = NULL, phone_index = NULL, metadata = NULL
    WHERE district_id = %(district)s::uuid AND member_id = %(member)s::uuid
"""
_FORGET_WAITING = """
    UPDATE transactions SET member_print = NULL, phone_index = NULL
    WHERE district_id = %(district)s::uuid AND phone_index = ANY(%(indexes)s::bytea[]) AND member_id IS NULL
"""


def move_sales(uow: UnitOfWork, old_id: str, survivor_id: str) -> None:
    """Makes a merged member's sales the survivor's. Hold both balances, as whoever reports a sale does."""
    uow.write(_MOVE, {"old": hex_of(old_id), "survivor": hex_of(survivor_id)})


def forget_buyer(uow: UnitOfWork, member_id: str, phone_indexes: Sequence[bytes]) -> None:
    """Removes what sales say of how a member who leaves was named, and what else the till noted of them."""
    uow.write(_FORGET, {"member": hex_of(member_id)})
    uow.write(_FORGET_WAITING, {"indexes": bytes_array(phone_indexes)})
