"""The last movement of points, which an open card shows."""

from __future__ import annotations

from app.care.movements import Movement, movements_of
from app.foundation.database.unit_of_work import UnitOfWork


def newest(uow: UnitOfWork, member_id: str) -> Movement | None:
    """The last movement, without its why."""
    found = movements_of(uow, member_id, below=1 << 62, limit=1, explained=False)
    return found[0] if found else None
