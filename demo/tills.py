"""Tills of the demo's first shops, for whoever tries `/till`: each with its pairing code and two cashiers.

The district is a sandbox, so the codes are those for tests: they work for a year, and again and again.
"""

from __future__ import annotations

from collections.abc import Callable

from demo import street
from demo.state import State
from merchant_sdk import Client

SHOPS = 3
CASHIERS = (("小陈", "2580"), ("小林", "9513"))


def stand(client: Client, state: State, save: Callable[[], None]) -> None:
    """Makes those that aren't there yet; each call can be repeated."""
    for merchant in street.MERCHANTS[len(state.tills) : SHOPS]:
        store_id = state.stores[merchant.stores[0].code]
        key = f"{state.token}-till-{merchant.code}"
        till = client.tills.create(store_id=store_id, name="1 号机", idempotency_key=key)
        for name, pin in CASHIERS:
            client.cashiers.add(store_id, name=name, pin=pin, idempotency_key=f"{key}-{name.encode().hex()}")
        code = client.tills.pairing_code(till.id, for_tests=True, idempotency_key=f"{key}-code").code
        pins = [{"name": name, "pin": pin} for name, pin in CASHIERS]
        state.tills.append({"store_id": store_id, "pairing_code": code, "pins": pins})
        save()
