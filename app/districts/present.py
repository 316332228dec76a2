"""How districts, merchants, stores and API keys are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.districts import queries
from app.districts.models import ApiKey, District, Merchant, Store
from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import page_of


def show_district(row: District) -> dict[str, Any]:
    """A district as the API shows it."""
    return {
        "object": "district",
        "id": row.id,
        "name": row.name,
        "slug": row.slug,
        "currency": row.currency,
        "time_zone": row.time_zone,
        "mode": row.mode,
        "brand_color": row.brand_color,
        "created_at": format_instant(row.created_at),
    }


def show_merchant(row: Merchant) -> dict[str, Any]:
    """A merchant as the API shows it."""
    return {
        "object": "merchant",
        "id": row.id,
        "code": row.code,
        "name": row.name,
        "category": row.category,
        "created_at": format_instant(row.created_at),
    }


def show_store(row: Store) -> dict[str, Any]:
    """A store as the API shows it."""
    return {
        "object": "store",
        "id": row.id,
        "merchant_id": row.merchant_id,
        "code": row.code,
        "name": row.name,
        "zone": row.zone,
        "area_m2": row.area_m2,
        "opening_hours": row.opening_hours,
        "created_at": format_instant(row.created_at),
    }


def page_of_districts(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of all districts, newest first, for the operator; `query` as DISTRICTS checks it."""
    return page_of(uow, queries.all_districts(), District.id, query, show_district)


def page_of_merchants(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the merchants that the principal may see, newest first; `query` as MERCHANTS checks it."""
    found = queries.merchants_like(uow, query.get("search"), query.get("category"))
    return page_of(uow, found, Merchant.id, query, show_merchant, {"name": Merchant.name})


def page_of_stores(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the stores that the principal may see, newest first; `query` as STORES checks it."""
    found = queries.stores_like(uow, query.get("search"), query.get("merchant_id"), query.get("zone"))
    return page_of(uow, found, Store.id, query, show_store)


def page_of_keys(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the district's keys, newest first; `query` as API_KEYS checks it."""
    return page_of(uow, queries.wanted_keys(uow, query), ApiKey.id, query, show_api_key)


def show_api_key(row: ApiKey) -> dict[str, Any]:
    """A key as the API shows it, without its secret."""
    return {
        "object": "api_key",
        "id": row.id,
        "name": row.name,
        "merchant_id": row.merchant_id,
        "store_id": row.store_id,
        "scopes": row.scopes,
        "hint": f"…{row.secret_hint}",
        "expires_at": row.expires_at and format_instant(row.expires_at),
        "revoked_at": row.revoked_at and format_instant(row.revoked_at),
        "created_at": format_instant(row.created_at),
    }
