"""Districts with shops, keys and members, made through the API as an alliance makes them."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from typing import Any

from tests.factories.api import Api, Reply

_numbers = itertools.count(1)


def next_number() -> int:
    """A number that no other call in this process got."""
    return next(_numbers)


@dataclass(frozen=True, slots=True)
class Shop:
    """A merchant with one store, and the merchant's key."""

    merchant_id: str
    store_id: str
    store_code: str
    key: str


@dataclass(frozen=True, slots=True)
class District:
    """A district, its alliance key, and two shops."""

    api: Api
    id: str
    key: str
    shop: Shop
    other_shop: Shop
    slug: str = ""

    def member(self, phone: str | None = None, *, key: str | None = None, **more: Any) -> str:
        """Enrols a phone (a new one if none is given); gives the member's id."""
        body = {"phone": phone or new_phone(), **more}
        return str(self.api.post("/v1/members", body, key or self.key).ok()["id"])

    def report(self, *, key: str | None = None, idempotency_key: str | None = None, **sale: Any) -> Reply:
        """Reports a sale of 128.00 at the first shop, unless told otherwise."""
        return self.api.post("/v1/transactions", self.sale(**sale), key or self.key, idempotency_key)

    def sale(self, **sale: Any) -> dict[str, Any]:
        """The body of a sale."""
        body = {"reference": f"R{next_number():08d}", "amount": 12800, **sale}
        return body if "store_code" in body or "store_id" in body else {**body, "store_id": self.shop.store_id}

    def balance(self, member_id: str) -> Any:
        """A member's points."""
        return self.api.get(f"/v1/members/{member_id}/points", self.key).ok()

    def store_key(self, shop: Shop, **more: Any) -> str:
        """A key of one store."""
        return str(
            self.api.post("/v1/api-keys", {"name": "till", "store_id": shop.store_id, **more}, self.key).ok()["secret"]
        )

    def merchant_key(self, shop: Shop, **more: Any) -> str:
        """Another key of a merchant."""
        body = {"name": "erp", "merchant_id": shop.merchant_id, **more}
        return str(self.api.post("/v1/api-keys", body, self.key).ok()["secret"])


def new_phone() -> str:
    """A mainland mobile number that nobody has."""
    return f"138{secrets.randbelow(10**8):08d}"


def new_district(api: Api, **more: Any) -> District:
    """A district with two shops."""
    body = {"name": "湖滨步行街", "slug": f"d{secrets.token_hex(6)}", **more}
    made = api.post("/v1/districts", body, api.operator_key).ok(201)
    key = made["api_key"]["secret"]
    return District(api, made["id"], key, new_shop(api, key, "A101"), new_shop(api, key, "B202"), made["slug"])


def new_shop(api: Api, key: str, code: str, **more: Any) -> Shop:
    """A merchant, its store and its key."""
    merchant = api.post("/v1/merchants", {"name": f"店 {code}", "code": code, "category": "catering", **more}, key).ok(
        201
    )
    store = {
        "merchant_id": merchant["id"],
        "name": "东街店",
        "code": f"{code}-1",
        "zone": "east",
        "area_m2": 120,
    }
    store_id = api.post("/v1/stores", store, key).ok(201)["id"]
    secret = api.post("/v1/api-keys", {"name": "till", "merchant_id": merchant["id"]}, key).ok(201)["secret"]
    return Shop(merchant["id"], store_id, store["code"], secret)
