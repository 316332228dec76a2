"""What pages of this wing say of a district: its clock, its money, and the shops that somebody acts for."""

from __future__ import annotations

from typing import Any

from app.districts import queries as districts
from app.districts.queries import OpenShop
from app.foundation.database.unit_of_work import UnitOfWork


def around(uow: UnitOfWork) -> dict[str, Any]:
    """How a page writes instants and sums."""
    district = districts.district(uow)
    return {"zone": district.time_zone, "currency": district.currency}


def own_shops(uow: UnitOfWork) -> list[OpenShop]:
    """Stores from which the principal may choose."""
    return [one for one in districts.open_shops(uow) if uow.principal.acts_for(one.merchant_id, one.store_id)]
