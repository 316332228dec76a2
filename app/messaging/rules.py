"""Signatures, retries and addresses of webhooks, as pure functions."""

from __future__ import annotations

import ipaddress
import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta

from standardwebhooks import Webhook

PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 8 * 3600)
)
"""Between attempts, from the first to the last: a day and some minutes in all."""
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

    `chance` from 0 to 1 spreads the retries of many deliveries.
    """
    if tries_left <= 0:
        return None
    pause = PAUSES[min(len(PAUSES) - tries_left, len(PAUSES) - 1)] if tries_left <= len(PAUSES) else PAUSES[0]
    return pause * (1 + JITTER * (2 * chance - 1))


def is_wanted(patterns: Sequence[str], event_type: str) -> bool:
    """Whether an endpoint's list names a kind of event: by its name, by `points.*`, or by `*`."""
    return any(one in ("*", event_type) or (one.endswith(".*") and event_type.startswith(one[:-1])) for one in patterns)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet: not private, loopback, link-local, metadata, multicast."""
    found: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return is_public(str(inner)) and inner == found.ipv4_mapped
        if found in ipaddress.ip_network("64:ff9b::/96"):  # NAT64 (RFC 6052) leads to any IPv4 address
            return False
    return found.is_global and not found.is_multicast


def shortened(text: str) -> str:
    """A text cut to what the delivery log keeps, without NUL, which PostgreSQL's jsonb refuses."""
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text if len(text) <= MOST_KEPT else text[:MOST_KEPT] + "…"
