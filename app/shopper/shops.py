"""Shops: the directory by zone and kind, with open offers, and where one's points are good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.coupons.offers.present import newest_offers
from app.districts import queries as districts
from app.districts.opening import Opening, OpeningHours, hours_of, opening_at
from app.districts.queries import OpenShop
from app.foundation.database.unit_of_work import UnitOfWork
from app.members import queries as members
from app.pages.doors import Visit
from app.pages.outcomes import Handed, WebPage
from app.pages.shop_words import KINDS, ZONES, named
from app.points.programme.queries import programme
from app.shopper.door import shopper

_MOST_OFFERS = 100


class ShownShop(NamedTuple):
    """A shop with its hours, and whether it is open now; neither where nobody has told its hours."""

    shop: OpenShop
    hours: OpeningHours
    opening: Opening | None


@shopper.page("/shops", signed_in=False)
def shops(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The directory; `zone`, `kind`, `offers` and `open` narrow it."""
    found = districts.open_shops(uow)
    offers = _offers_by_merchant(newest_offers(uow, _MOST_OFFERS))
    wanted = {name: visit.asked(name) for name in ("zone", "kind", "offers", "open")}
    local = uow.now.astimezone(ZoneInfo(districts.district(uow).time_zone))
    shown = [one for one in (_shown(shop, local) for shop in found) if _is_wanted(one, wanted, offers)]
    values = {
        "shops": shown,
        "zones": named(ZONES, {one.zone for one in found if one.zone}),
        "kinds": named(KINDS, {one.category for one in found if one.category}),
        "has_hours": any(one.opening_hours for one in found),
        "wanted": wanted,
        "local": local,
        "offers": offers,
        "own": _own_merchants(uow, visit),
        "takes_points": programme(uow).max_spend_percent > 0,
    }
    return WebPage("shopper/shops.html", values)


def _shown(shop: OpenShop, local: datetime) -> ShownShop:
    hours = hours_of(shop.opening_hours or ())
    return ShownShop(shop, hours, opening_at(hours, local) if hours else None)


def _is_wanted(one: ShownShop, wanted: Mapping[str, str], offers: Mapping[str, Any]) -> bool:
    return (
        wanted["zone"] in ("", one.shop.zone)
        and wanted["kind"] in ("", one.shop.category)
        and (not wanted["offers"] or bool(offers.get(one.shop.merchant_id)))
        and (not wanted["open"] or (one.opening is not None and one.opening.is_open))
    )


def _offers_by_merchant(offers: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Offers that only some shops take, by merchant; those of all stand on the page of coupons."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in offers:
        for shop in one["shops"]:
            found.setdefault(shop["merchant_id"], []).append(one)
    return found


def _own_merchants(uow: UnitOfWork, visit: Visit) -> set[str]:
    if not visit.is_signed_in:
        return set()
    memberships = members.memberships_of(uow, [visit.principal.id])
    return {one.merchant_id for one in memberships.get(visit.principal.id, [])}
