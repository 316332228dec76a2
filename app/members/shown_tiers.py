"""A member's tier, as it is shown with the member. Tiers are of a room above: `app/wiring.py` says who knows them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork

Shown = Mapping[str, dict[str, Any]]
WHO_KNOWS: list[Callable[[UnitOfWork, Sequence[str]], Shown]] = []
"""Who gives the tiers of members, by member id, ready to be shown."""


WHO_HAS: list[Callable[[UnitOfWork], Collection[str]]] = []
"""Who gives the ids of the district's tiers."""


def known_tier_ids(uow: UnitOfWork) -> frozenset[str]:
    """Ids of the district's tiers, for who names some."""
    return frozenset(one for tell in WHO_HAS for one in tell(uow))


def tiers_of(uow: UnitOfWork, member_ids: Sequence[str]) -> Shown:
    """The tier that counts for each of some members today; who has none isn't in it."""
    shown: dict[str, dict[str, Any]] = {}
    for tell in WHO_KNOWS if member_ids else ():
        shown |= tell(uow, member_ids)
    return shown
