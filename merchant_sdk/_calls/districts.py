"""`client.districts`, `.merchants`, `.stores` and `.api_keys`: for whoever runs a district."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from merchant_sdk._answers.districts import ApiKey, District, Merchant, Store
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import UNSET, Keep, changed, given, path

PICTURES = {"svg": "image/svg+xml", "png": "image/png"}


class Districts:
    """Districts; with the operator's key only. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def create(
        self,
        *,
        name: str,
        slug: str,
        currency: str | None = None,
        time_zone: str | None = None,
        mode: str | None = None,
        idempotency_key: str | None = None,
    ) -> District:
        """Makes a district (`mode`: `live` or `sandbox`). The first key's secret comes now only."""
        body = given(name=name, slug=slug, currency=currency, time_zone=time_zone, mode=mode)
        answer = self._sender.request("POST", path("districts"), json=body, idempotency_key=idempotency_key)
        return District.read(answer)

    def list(self) -> Iterator[District]:
        """All districts, newest first."""
        return read_all(self._sender, path("districts"), District, {})

    def update(self, district_id: str, *, name: str | Keep = UNSET, brand_color: str | Keep | None = UNSET) -> District:
        """Renames a district, or gives its pages another colour (`#rrggbb`; None for that of all)."""
        body = changed(name=name, brand_color=brand_color)
        return District.read(self._sender.request("PATCH", path("districts", district_id), json=body))


class Merchants:
    """Merchants. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def create(
        self, *, name: str, code: str, category: str | None = None, idempotency_key: str | None = None
    ) -> Merchant:
        """Adds a merchant."""
        body = given(name=name, code=code, category=category)
        answer = self._sender.request("POST", path("merchants"), json=body, idempotency_key=idempotency_key)
        return Merchant.read(answer)

    def get(self, merchant_id: str) -> Merchant:
        """A merchant."""
        return Merchant.read(self._sender.request("GET", path("merchants", merchant_id)))

    def list(
        self, *, search: str | None = None, category: str | None = None, sort: str | None = None
    ) -> Iterator[Merchant]:
        """Merchants that the key may see, all or those in whose name or code a text stands, newest first or by `name`."""
        return read_all(
            self._sender, path("merchants"), Merchant, {"search": search, "category": category, "sort": sort}
        )

    def update(
        self,
        merchant_id: str,
        *,
        name: str | Keep = UNSET,
        code: str | Keep = UNSET,
        category: str | Keep | None = UNSET,
    ) -> Merchant:
        """Changes what is given; None empties a field."""
        body = changed(name=name, code=code, category=category)
        return Merchant.read(self._sender.request("PATCH", path("merchants", merchant_id), json=body))


class Stores:
    """Stores. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def create(
        self,
        *,
        merchant_id: str,
        name: str,
        code: str,
        zone: str | None = None,
        area_m2: int | None = None,
        opening_hours: Sequence[Mapping[str, Any]] | None = None,
        idempotency_key: str | None = None,
    ) -> Store:
        """Adds a store to a merchant; `area_m2` in whole square metres, `opening_hours` as the contract has them."""
        hours = None if opening_hours is None else [dict(one) for one in opening_hours]
        body = given(merchant_id=merchant_id, name=name, code=code, zone=zone, area_m2=area_m2, opening_hours=hours)
        answer = self._sender.request("POST", path("stores"), json=body, idempotency_key=idempotency_key)
        return Store.read(answer)

    def get(self, store_id: str) -> Store:
        """A store."""
        return Store.read(self._sender.request("GET", path("stores", store_id)))

    def list(
        self, *, merchant_id: str | None = None, search: str | None = None, zone: str | None = None
    ) -> Iterator[Store]:
        """Stores that the key may see, all, a merchant's, or those in whose name or code a text stands, newest first."""
        filters = {"merchant_id": merchant_id, "search": search, "zone": zone}
        return read_all(self._sender, path("stores"), Store, filters)

    def update(
        self,
        store_id: str,
        *,
        name: str | Keep = UNSET,
        code: str | Keep = UNSET,
        zone: str | Keep | None = UNSET,
        area_m2: int | Keep | None = UNSET,
        opening_hours: Sequence[Mapping[str, Any]] | Keep | None = UNSET,
    ) -> Store:
        """Changes what is given; None empties a field."""
        body = changed(name=name, code=code, zone=zone, area_m2=area_m2, opening_hours=opening_hours)
        return Store.read(self._sender.request("PATCH", path("stores", store_id), json=body))

    def join_qr(self, store_id: str, *, format: Literal["svg", "png"] = "svg") -> bytes:
        """The QR code by which shoppers join at a store, for its poster, receipt or screen. Raises ValueError for other formats."""
        if format not in PICTURES:
            raise ValueError(f"format: one of {', '.join(PICTURES)}")
        return self._sender.fetch(path("stores", store_id, "join-qr"), PICTURES[format], params={"format": format})


class ApiKeys:
    """API keys. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def create(
        self,
        *,
        name: str,
        merchant_id: str | None = None,
        store_id: str | None = None,
        scopes: Sequence[str] | None = None,
        expires_at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> ApiKey:
        """Makes a key of a merchant, a store, or else the district. Its secret comes now only."""
        body = given(name=name, merchant_id=merchant_id, store_id=store_id, scopes=scopes, expires_at=expires_at)
        answer = self._sender.request("POST", path("api-keys"), json=body, idempotency_key=idempotency_key)
        return ApiKey.read(answer)

    def list(self, *, merchant_id: str | None = None, store_id: str | None = None) -> Iterator[ApiKey]:
        """All keys of the district, or of a merchant or store, newest first, without their secrets."""
        filters = {"merchant_id": merchant_id, "store_id": store_id}
        return read_all(self._sender, path("api-keys"), ApiKey, filters)

    def rotate(self, key_id: str, *, overlap_seconds: int | None = None, idempotency_key: str | None = None) -> ApiKey:
        """Gives a key a new secret; the old one works for `overlap_seconds` more (by default a day)."""
        body = given(overlap_seconds=overlap_seconds)
        address = path("api-keys", key_id, "rotate")
        answer = self._sender.request("POST", address, json=body, idempotency_key=idempotency_key)
        return ApiKey.read(answer)

    def revoke(self, key_id: str) -> ApiKey:
        """Ends a key, within five seconds."""
        return ApiKey.read(self._sender.request("DELETE", path("api-keys", key_id)))
