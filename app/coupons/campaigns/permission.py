"""Whether merchants may run campaigns of their own: the programme says so, which is beside this room."""

from __future__ import annotations

from collections.abc import Callable

from app.foundation.database.unit_of_work import UnitOfWork

WHO_ALLOWS: list[Callable[[UnitOfWork], bool]] = []
"""Who knows whether the district allows it. `app/wiring.py` fills it."""


def merchants_may(uow: UnitOfWork) -> bool:
    """Whether the district lets its merchants run campaigns."""
    return any(allows(uow) for allows in WHO_ALLOWS)
