"""`client.tills` and `.cashiers`: the browsers at which a store sells, and who opens them."""

from __future__ import annotations

from collections.abc import Iterator

from merchant_sdk._answers.tills import Cashier, PairingCode, Till
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import UNSET, Keep, changed, given, path


class Tills:
    """Tills. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def create(
        self,
        *,
        store_id: str,
        name: str,
        locks_after_minutes: int | None = None,
        closes_at: str | None = None,
        idempotency_key: str | None = None,
    ) -> Till:
        """Makes a till; `closes_at` (HH:MM) is when shifts end."""
        body = given(store_id=store_id, name=name, locks_after_minutes=locks_after_minutes, closes_at=closes_at)
        return Till.read(self._sender.request("POST", path("tills"), json=body, idempotency_key=idempotency_key))

    def get(self, till_id: str) -> Till:
        """A till, with its shift and when it was last seen."""
        return Till.read(self._sender.request("GET", path("tills", till_id)))

    def list(self, *, store_id: str | None = None) -> Iterator[Till]:
        """All tills that the key may see, or a store's, newest first."""
        return read_all(self._sender, path("tills"), Till, {"store_id": store_id})

    def update(
        self,
        till_id: str,
        *,
        name: str | Keep = UNSET,
        locks_after_minutes: int | Keep = UNSET,
        closes_at: str | Keep | None = UNSET,
    ) -> Till:
        """Changes what is given; None for `closes_at`: shifts end by idleness alone."""
        body = changed(name=name, locks_after_minutes=locks_after_minutes, closes_at=closes_at)
        return Till.read(self._sender.request("PATCH", path("tills", till_id), json=body))

    def revoke(self, till_id: str) -> Till:
        """Ends a till, within five seconds."""
        return Till.read(self._sender.request("DELETE", path("tills", till_id)))

    def pairing_code(
        self, till_id: str, *, for_tests: bool | None = None, idempotency_key: str | None = None
    ) -> PairingCode:
        """The code by which a browser becomes this till: once, within ten minutes. `for_tests`: in a sandbox, for a year."""
        address = path("tills", till_id, "pairing-code")
        body = given(for_tests=for_tests)
        return PairingCode.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))


class Cashiers:
    """Who opens the tills of a store, by PIN. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def add(self, store_id: str, *, name: str, pin: str, idempotency_key: str | None = None) -> Cashier:
        """Lets somebody open a store's tills by a PIN of 4 to 6 digits."""
        address, body = path("stores", store_id, "cashiers"), {"name": name, "pin": pin}
        return Cashier.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))

    def list(self, store_id: str) -> Iterator[Cashier]:
        """Who opens a store's tills."""
        return read_all(self._sender, path("stores", store_id, "cashiers"), Cashier, {})

    def update(self, store_id: str, cashier_id: str, *, name: str | Keep = UNSET, pin: str | Keep = UNSET) -> Cashier:
        """Changes name or PIN."""
        body = changed(name=name, pin=pin)
        return Cashier.read(self._sender.request("PATCH", path("stores", store_id, "cashiers", cashier_id), json=body))

    def remove(self, store_id: str, cashier_id: str) -> Cashier:
        """Ends a cashier's PIN."""
        return Cashier.read(self._sender.request("DELETE", path("stores", store_id, "cashiers", cashier_id)))
