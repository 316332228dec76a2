"""Reading of this room."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of


def version(uow: UnitOfWork) -> int | None:
    """Of the district's read models; None where nothing has been counted yet."""
    rows = uow.rows("SELECT version FROM read_models WHERE district_id = %s", (hex_of(uow.district_id),))
    return rows[0][0] if rows else None
