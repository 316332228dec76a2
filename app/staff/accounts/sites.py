"""To which site passkeys belong. Browsers give them to hosts with a name, never to addresses (WebAuthn level 2, 5.1.2). Pure."""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

_LOCAL = "localhost"


class Site(NamedTuple):
    """The host that passkeys are bound to, and the origin of the pages that ask for them."""

    host: str
    origin: str


def site_of(public_url: str) -> Site | None:
    """The site of PUBLIC_URL; of an address of this machine it is `localhost`, of any other there is none."""
    parts = urlsplit(public_url)
    host = parts.hostname or _LOCAL
    try:
        address = ip_address(host)
    except ValueError:
        return Site(host, f"{parts.scheme}://{parts.netloc}")
    if not address.is_loopback:
        return None
    return Site(_LOCAL, f"{parts.scheme}://{_LOCAL}" + (f":{parts.port}" if parts.port else ""))
