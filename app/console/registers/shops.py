"""What pages of this wing say of a district and its shops: its clock, its money, what its shops are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from app.districts import queries as districts
from app.districts.queries import OpenShop
from app.foundation.database.unit_of_work import UnitOfWork

Shops = Mapping[str, OpenShop]
"""Stores by id."""
Choices = list[tuple[str, str]]
MOST_CHOICES = 200
"""Of stores to choose from; who has more chooses a merchant first."""


def around(uow: UnitOfWork) -> dict[str, Any]:
    """How a page writes instants, days and sums."""
    district = districts.district(uow)
    today = uow.now.astimezone(ZoneInfo(district.time_zone)).date()
    return {"zone": district.time_zone, "currency": district.currency, "today": today}


def shops(uow: UnitOfWork) -> Shops:
    """All of the district's: a member's history names others than one's own."""
    return {one.store_id: one for one in districts.open_shops(uow)}


def choices_of(uow: UnitOfWork, known: Shops, merchant_id: str | None) -> dict[str, Choices]:
    """The merchants, and the stores of one or of all, from which the principal may choose."""
    own = [one for one in known.values() if uow.principal.acts_for(one.merchant_id, one.store_id)]
    stores = [one for one in own if merchant_id in (None, one.merchant_id)]
    return {
        "merchant_choices": merchant_choices(own),
        "store_choices": [(one.store_id, full_name(one)) for one in stores] if len(stores) <= MOST_CHOICES else [],
    }


def merchant_choices(own: Iterable[OpenShop]) -> Choices:
    """Merchants by name."""
    return sorted({(one.merchant_id, one.merchant) for one in own}, key=lambda one: one[1])


def full_name(shop: OpenShop) -> str:
    """As one knows it among all others."""
    return f"{shop.merchant} · {shop.name}"
