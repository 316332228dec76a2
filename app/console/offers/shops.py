"""The shops, tiers and clock of the district, as pages of campaigns name them."""

from __future__ import annotations

from typing import Any

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.points.tiers import queries as tiers


def surroundings(uow: UnitOfWork) -> dict[str, Any]:
    """Names of merchants, stores and tiers that the principal may see, by id, and what amounts and times are told in."""
    district = districts.district(uow)
    return {
        "merchants": {row.id: row.name for row in uow.session.scalars(districts.merchants(uow))},
        "stores": {row.id: row.name for row in uow.session.scalars(districts.stores(uow))},
        "tiers": {row.id: row.name for row in uow.session.scalars(tiers.tier_rows(uow))},
        "zone": district.time_zone,
        "currency": district.currency,
    }
