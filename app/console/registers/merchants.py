"""`/console/merchants`: who sells in the district, and where; what shops are called, when they are open, their posters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.console.around import around
from app.console.door import console, must
from app.console.lists import listing
from app.console.places import HOME
from app.console.seen import check_seen, print_of
from app.districts import queries, schemas, services
from app.districts.present import page_of_merchants, page_of_stores, show_merchant, show_store
from app.districts.queries import OpenShop
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import list_answer, order_of, page_of_found, sorts
from app.insights import queries as insights
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage

HERE, READ, WRITE = f"{HOME}/merchants", "merchants:read", "merchants:write"
SOLD, SOLD_DAYS = "sold", 30
_BLANK_SPANS = 2
"""Rows of opening hours that a form has to spare."""


def _may_write(visit: Visit) -> bool:
    return visit.principal.is_alliance and visit.principal.may(WRITE)


@console.page("/merchants")
def merchants(uow: UnitOfWork, visit: Visit) -> Handed:
    """Merchants, newest first, by name, or by what they have sold of late."""
    must(visit, READ)
    may_figures = visit.principal.may("figures:read")
    asked = listing(HERE, schemas.MERCHANTS, exported_as="merchants", sorts=sorts(SOLD) if may_figures else ())
    stores = [one for one in queries.open_shops(uow) if visit.principal.acts_for(one.merchant_id, one.store_id)]
    sold = _sold(uow, stores) if may_figures else None
    if sold is not None and asked.sort in sorts(SOLD):
        page = _by_sales(uow, asked.query, sold)
    else:
        page = page_of_merchants(uow, asked.query)
    asked = asked.showing([one["id"] for one in page["data"]], has_more=page["has_more"])
    heads = {"name": "name", **({SOLD: SOLD} if may_figures else {})}
    values = {
        "listing": asked,
        "heads": asked.heads(heads, rising=["name"]),
        "merchants": page["data"],
        "stores": Counter(one.merchant_id for one in stores),
        "sold": sold,
        "days": SOLD_DAYS,
        "may_write": _may_write(visit),
    }
    return WebPage("console/merchants.html", {**values, **around(uow)})


def _sold(uow: UnitOfWork, stores: Sequence[OpenShop]) -> dict[str, int]:
    """What merchants have sold in the last days."""
    today = uow.now.astimezone(ZoneInfo(queries.district(uow).time_zone)).date()
    first = today - timedelta(days=SOLD_DAYS - 1)
    return insights.net_by_merchant(uow, first, today, {one.store_id: one.merchant_id for one in stores})


def _by_sales(uow: UnitOfWork, query: Mapping[str, Any], sold: Mapping[str, int]) -> dict[str, Any]:
    """A page of merchants by what they have sold: of a district's merchants, which are never so many that all couldn't be looked at."""
    order = order_of(query)
    found = uow.session.scalars(queries.merchants_like(uow, query.get("search"), query.get("category")))
    ranked = sorted(found, key=lambda one: (sold.get(one.id, 0), one.id), reverse=not order.is_rising)
    places = {one.id: place for place, one in enumerate(ranked, 1)}
    start = places.get(order.cursor, len(ranked)) if order.cursor else 0
    rows, has_more = page_of_found(query, lambda limit: ranked[start : start + limit + 1])
    return list_answer([show_merchant(one) for one in rows], has_more=has_more)


@console.page("/merchants/new")
def new_merchant(uow: UnitOfWork, visit: Visit) -> Handed:
    """Who joins."""
    must(visit, WRITE, alliance_only=True)
    return WebPage("console/merchant_new.html", {"categories": _categories(uow)})


def _categories(uow: UnitOfWork) -> list[str]:
    """Those in use, to choose from."""
    return sorted({one.category for one in queries.named_shops(uow) if one.category})


@console.act("/merchants/new", form=schemas.MerchantBody(), again=new_merchant)
def create_merchant(uow: UnitOfWork, visit: Visit) -> Handed:
    """Adds a merchant; its first store comes next."""
    must(visit, WRITE, alliance_only=True)
    merchant = services.create_merchant(uow, **visit.body)
    audit.record(uow, "merchant.created", merchant.id)
    return Go(f"{HERE}/{merchant.id}/stores/new?told=created")


@console.page("/merchants/<mer:merchant_id>")
def merchant(uow: UnitOfWork, visit: Visit, merchant_id: str) -> Handed:
    """A merchant, and its stores."""
    must(visit, READ)
    shown = show_merchant(queries.find_merchant(uow, merchant_id))
    asked = listing(f"{HERE}/{merchant_id}", schemas.STORES)
    page = page_of_stores(uow, {**asked.query, "merchant_id": merchant_id})
    values = {
        "merchant": shown,
        "seen": print_of(shown),
        "listing": asked.showing([one["id"] for one in page["data"]], has_more=page["has_more"]),
        "stores": page["data"],
        "categories": _categories(uow),
        "slug": queries.district(uow).slug,
        "may_write": _may_write(visit),
        "may_settle": visit.principal.is_alliance and visit.principal.may("settlement:read"),
    }
    return WebPage("console/merchant.html", {**values, **around(uow)})


@console.act("/merchants/<mer:merchant_id>", form=schemas.MerchantChange(), again=merchant, audit="merchant.changed")
def change_merchant(uow: UnitOfWork, visit: Visit, merchant_id: str) -> Handed:
    """Another name, code or kind."""
    must(visit, WRITE, alliance_only=True)
    row = queries.find_merchant(uow, merchant_id)
    check_seen(visit, show_merchant(row))
    services.update_merchant(uow, row, visit.body)
    return Go(f"{HERE}/{merchant_id}?told=changed", audited={"fields": sorted(visit.body)})


@console.page("/merchants/<mer:merchant_id>/stores/new")
def new_store(uow: UnitOfWork, visit: Visit, merchant_id: str) -> Handed:
    """Where it sells."""
    must(visit, WRITE, alliance_only=True)
    shown = show_merchant(queries.find_merchant(uow, merchant_id))
    return WebPage("console/store_new.html", {"merchant": shown, **_store_choices(uow, [])})


def _store_choices(uow: UnitOfWork, spans: list[Any]) -> dict[str, Any]:
    zones = sorted({one.zone for one in queries.open_shops(uow) if one.zone})
    return {"zones": zones, "spans": [*spans, *[None] * _BLANK_SPANS]}


@console.act("/merchants/<mer:merchant_id>/stores/new", form=schemas.StoreBody(), again=new_store)
def create_store(uow: UnitOfWork, visit: Visit, merchant_id: str) -> Handed:
    """Adds a store."""
    must(visit, WRITE, alliance_only=True)
    store = services.create_store(uow, **{**visit.body, "merchant_id": merchant_id})
    audit.record(uow, "store.created", store.id, {"merchant_id": merchant_id})
    return Go(f"{HERE}/stores/{store.id}?told=created")


@console.page("/merchants/stores/<str:store_id>")
def store(uow: UnitOfWork, visit: Visit, store_id: str) -> Handed:
    """A store: when it is open, and its posters."""
    must(visit, READ)
    shown = show_store(queries.find_store(uow, store_id))
    values = {
        "store": shown,
        "seen": print_of(shown),
        "merchant": show_merchant(queries.find_merchant(uow, shown["merchant_id"])),
        "slug": queries.district(uow).slug,
        "may_write": _may_write(visit),
        "may_pair": visit.principal.may("tills:write"),
    }
    return WebPage("console/store.html", {**values, **_store_choices(uow, shown["opening_hours"] or [])})


@console.act("/merchants/stores/<str:store_id>", form=schemas.StoreChange(), again=store, audit="store.changed")
def change_store(uow: UnitOfWork, visit: Visit, store_id: str) -> Handed:
    """Another name, code, zone, area, or other hours."""
    must(visit, WRITE, alliance_only=True)
    row = queries.find_store(uow, store_id)
    check_seen(visit, show_store(row))
    services.update_store(uow, row, visit.body)
    return Go(f"{HERE}/stores/{store_id}?told=changed", audited={"fields": sorted(visit.body)})
