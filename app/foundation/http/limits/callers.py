"""Where a caller is, as logs and counts may know it: by a keyed print of its network, never by its address."""

from __future__ import annotations

from functools import lru_cache

from flask import request

from app.foundation.addresses import network_of
from app.foundation.keyring import Keyring
from app.foundation.runtime import keyring

EVERYWHERE = "everywhere"
"""Prints of networks are the same in all districts."""


def network_print() -> str:
    """The print of the caller's network: the same for the same one, and of no use without the keys."""
    return print_of(keyring(), request.remote_addr).hex()


@lru_cache(maxsize=4096)
def print_of(keys: Keyring, address: str | None) -> bytes:
    """The print of the network of an address."""
    return keys.index(EVERYWHERE, "address", network_of(address))
