"""A member's lots, as the database has them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.ids import hex_of
from app.foundation.tenancy import system_principal


class LotRow(NamedTuple):
    """What a lot is and what became of it."""

    funder: str
    points: int
    remaining: int
    available_at: datetime
    expires_at: datetime | None
    expired: int
    reclaimed: int
    is_restored: bool


def lots(district_id: str, member_id: str) -> list[LotRow]:
    """All of a member's lots, oldest first; inside the application."""
    with unit_of_work(system_principal(district_id)) as uow:
        rows = uow.rows(
            "SELECT funder, points, remaining, available_at, expires_at, expired, reclaimed, restored_from IS NOT NULL "
            "FROM lots WHERE district_id = %s AND member_id = %s ORDER BY id",
            (hex_of(district_id), hex_of(member_id)),
        )
    return [LotRow(*row) for row in rows]
