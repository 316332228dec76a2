"""Sales whose member becomes part of another, or leaves."""

from __future__ import annotations

from collections.abc import Sequence

from app.foundation.database.sql_arrays import bytes_array, id_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of

_MOVE = """
    UPDATE transactions SET member_id = %(survivor)s::uuid
    WHERE district_id = %(district)s::uuid AND member_id = %(old)s::uuid
"""
_FORGET = """
    UPDATE transactions SET body_print = '', member_print = NULL, phone_index = NULL, metadata = NULL, items = (
        SELECT jsonb_agg(item || jsonb_build_object('name', NULL) ORDER BY place)
        FROM jsonb_array_elements(items) WITH ORDINALITY AS i (item, place)
    )
    WHERE district_id = %(district)s::uuid AND {whose} RETURNING id
"""
_OWN = _FORGET.format(whose="member_id = %(member)s::uuid")
_WAITING = _FORGET.format(whose="phone_index = ANY(%(indexes)s::bytea[]) AND member_id IS NULL")
_FORGET_REASONS = """
    UPDATE refunds SET reason = NULL, body_print = ''
    WHERE district_id = %(district)s::uuid AND transaction_id = ANY(%(sales)s::uuid[])
"""


def move_sales(uow: UnitOfWork, old_id: str, survivor_id: str) -> None:
    """Makes a merged member's sales the survivor's. Hold both balances, as whoever reports a sale does."""
    uow.write(_MOVE, {"old": hex_of(old_id), "survivor": hex_of(survivor_id)})


def forget_buyer(uow: UnitOfWork, member_id: str, phone_indexes: Sequence[bytes]) -> None:
    """Removes how sales, and those that wait for the phones, name a member who leaves, and what tills wrote with them.

    What was sold stays in figures and codes: an item loses its name, a refund its reason, and both the print of their
    report, from which short words could be guessed. Hold the balance, so that no
    refund of these sales is on its way.
    """
    district = hex_of(uow.district_id)
    own = uow.rows(_OWN, {"district": district, "member": hex_of(member_id)})
    waiting = uow.rows(_WAITING, {"district": district, "indexes": bytes_array(phone_indexes)})
    sales = [sale for (sale,) in (*own, *waiting)]
    uow.write(_FORGET_REASONS, {"sales": id_array(sales)})
