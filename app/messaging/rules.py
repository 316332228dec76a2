"""Signatures, retries and addresses of webhooks, as pure functions."""

from __future__ import annotations

import ipaddress
import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta

from standardwebhooks import Webhook

PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 9 * 3600)
)
"""Between attempts, from the first to the last: a day and some minutes in all, so that who fails to the last attempt
is switched off by it."""
TRIES = len(PAUSES) + 1
JITTER = 0.2
GIVE_UP_AFTER = timedelta(hours=24)
"""An endpoint that has failed for so long, with no success between, is switched off."""
MOST_KEPT = 1024


def new_secret() -> str:
    """A signing secret in the form of Standard Webhooks: `whsec_` and 32 bytes in base64."""
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


def signatures(signing: Sequence[str], event_id: str, sent_at: datetime, body: str) -> str:
    """The `webhook-signature` of a message: one signature for each secret (Standard Webhooks 1.0)."""
    return " ".join(Webhook(secret).sign(event_id, sent_at, body) for secret in signing)


def pause_before(tries_left: int, chance: float) -> timedelta | None:
    """How long to wait after a failed attempt that leaves this many tries; None when all are used.

    `chance` from 0 to 1 spreads the retries of many deliveries: it makes a pause longer, never shorter.
    """
    if tries_left <= 0:
        return None
    pause = PAUSES[min(len(PAUSES) - tries_left, len(PAUSES) - 1)] if tries_left <= len(PAUSES) else PAUSES[0]
    return pause * (1 + JITTER * chance)


def is_wanted(patterns: Sequence[str], event_type: str) -> bool:
    """Whether an endpoint's list names a kind of event: by its name, by `points.*`, or by `*`."""
    return any(one in ("*", event_type) or (one.endswith(".*") and event_type.startswith(one[:-1])) for one in patterns)


_UNICAST = ipaddress.ip_network("2000::/3")
_REFUSED = tuple(
    ipaddress.ip_network(one)
    for one in ("192.0.0.0/24", "168.63.129.16/32", "2001::/23", "3fff::/20")  # the second: Azure's inside
)
"""What some versions of Python take for the open internet (IANA's special-purpose registries), or a cloud's inside."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet: not private, loopback, link-local, metadata, multicast.

    IPv6 that stands for an IPv4 address (6to4, Teredo, NAT64) leads anywhere and is none; a mapped one is what it maps.
    """
    found: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found not in _UNICAST or found.sixtofour is not None:
            return False
    return found.is_global and not found.is_multicast and not any(found in one for one in _REFUSED)


def shortened(text: str) -> str:
    """A text cut to what the delivery log keeps, without NUL, which PostgreSQL's jsonb refuses."""
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text if len(text) <= MOST_KEPT else text[:MOST_KEPT] + "…"
