"""What pages of this wing say of shops: what they are called, and from which one may choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.districts import queries as districts
from app.districts.queries import OpenShop
from app.foundation.database.unit_of_work import UnitOfWork

Shops = Mapping[str, OpenShop]
"""Stores by id."""
Choices = list[tuple[str, str]]
MOST_CHOICES = 200
"""Of stores to choose from; who has more chooses a merchant first."""


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
