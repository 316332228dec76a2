"""Events of Stripe, verified on the bytes that came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from stripe import SignatureVerificationError, WebhookSignature

from app.payments.port import ProviderEvent
from app.payments.stripe.client import Credentials

HEADER = "Stripe-Signature"
TOLERANCE_SECONDS = 300
"""To either side of now: what is signed for tomorrow could be kept and told then."""


def read_event(raw: bytes, headers: Mapping[str, str], now: datetime, credentials: Credentials) -> ProviderEvent:
    """An event that one of the account's secrets has signed within the last minutes. Raises ValueError."""
    header = headers.get(HEADER, "")
    if not any(_has_signed(secret, raw, header) for secret in credentials.webhook_secrets):
        raise ValueError("no signature of this account's")
    if abs(_signed_at(header) - now.timestamp()) > TOLERANCE_SECONDS:
        raise ValueError("signed at another time")
    return _event(orjson.loads(raw))


def _has_signed(secret: str, raw: bytes, header: str) -> bool:
    try:
        WebhookSignature.verify_header(raw, header, secret)
    except SignatureVerificationError:
        return False
    return True


def _signed_at(header: str) -> int:
    """The time of a header that is verified."""
    return next(int(value) for name, _, value in (one.partition("=") for one in header.split(",")) if name == "t")


def _event(said: Any) -> ProviderEvent:
    try:
        about = said["data"]["object"]
        texts = (said["id"], said["type"], about["id"])
        account, metadata = said.get("account"), about.get("metadata") or {}
    except (TypeError, KeyError, AttributeError):
        raise ValueError("not an event") from None
    if not (all(isinstance(one, str) for one in texts) and isinstance(metadata, dict)):
        raise ValueError("not an event")
    if not (account is None or isinstance(account, str)):
        raise ValueError("not an event")
    return ProviderEvent(texts[0], texts[1], account, texts[2], said.get("livemode") is True, metadata)
