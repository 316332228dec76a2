"""Network addresses, as they are written down and as they are counted. Pure."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PREFIX = 64
"""Of IPv6 a whole network of so many bits is one caller: whoever has one address there has 2^64 of them."""


@lru_cache(maxsize=1024)
def spelled(text: str | None) -> str | None:
    """An IP address in its one spelling; None for what is none, such as the name of a socket."""
    address = _address_of(text)
    return None if address is None else str(address)


@lru_cache(maxsize=1024)
def network_of(text: str | None) -> str:
    """What an address counts as, for whoever counts callers: IPv4 by itself, IPv6 by its /64, what is none as one."""
    address = _address_of(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address.packed, PREFIX), strict=False))
    return "" if address is None else str(address)


def _address_of(text: str | None) -> _Address | None:
    """An address without its zone; one of IPv4 that is written as one of IPv6 is IPv4."""
    try:
        address = ipaddress.ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
