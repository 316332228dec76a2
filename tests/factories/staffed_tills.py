"""Tills with cashiers, made and paired through the API as a shop does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.factories.api import Api, Reply, when_free
from tests.factories.districts import District

PIN = "2580"


@dataclass(frozen=True, slots=True)
class PairedTill:
    """A till with its token, and a cashier of its store with the PIN."""

    api: Api
    id: str
    store_id: str
    token: str
    cashier_id: str

    def call(self, method: str, path: str, body: Any = None) -> Reply:
        """A call by the till."""
        return self.api.call(method, path, body, key=self.token)

    def open(self, pin: str = PIN, cashier_id: str | None = None) -> Reply:
        """A cashier gives a PIN."""
        return self.call("POST", "/v1/till/shift", {"cashier_id": cashier_id or self.cashier_id, "pin": pin})


def new_till(district: District, store_id: str, key: str | None = None, **more: Any) -> dict[str, Any]:
    """A till that no browser is paired with."""
    body = {"store_id": store_id, "name": "1 号机", **more}
    made: dict[str, Any] = district.api.post("/v1/tills", body, key or district.key).ok(201)
    return made


def pairing_code(district: District, till_id: str, key: str | None = None, **more: Any) -> str:
    """The code by which a browser becomes a till."""
    path = f"/v1/tills/{till_id}/pairing-code"
    return str(when_free(lambda: district.api.post(path, more, key or district.key)).ok(201)["code"])


def pair(district: District, code: str) -> Reply:
    """A browser comes with a code."""
    return district.api.post("/v1/tills/pair", {"code": code}, None)


def add_cashier(district: District, store_id: str, key: str | None = None, name: str = "小陈", pin: str = PIN) -> str:
    """A cashier of a store."""
    body = {"name": name, "pin": pin}
    path = f"/v1/stores/{store_id}/cashiers"
    return str(when_free(lambda: district.api.post(path, body, key or district.key)).ok(201)["id"])


def paired_till(district: District, store_id: str, **more: Any) -> PairedTill:
    """A till that is locked."""
    till = new_till(district, store_id, **more)
    code = pairing_code(district, till["id"])
    token = when_free(lambda: pair(district, code)).ok(201)["token"]
    return PairedTill(district.api, till["id"], store_id, token, add_cashier(district, store_id))


def open_till(district: District, store_id: str, **more: Any) -> PairedTill:
    """A till at which a cashier works."""
    till = paired_till(district, store_id, **more)
    till.open().ok(201)
    return till
