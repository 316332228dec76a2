"""Webhooks: is this message Quantong's, and what does it say? (Standard Webhooks 1.0, symmetric signatures `v1`.)"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from merchant_sdk._http.errors import SignatureInvalid, UnexpectedAnswer
from merchant_sdk._http.sending import utc_now
from merchant_sdk._http.wire import parse_instant

TOLERANCE_SECONDS = 300.0
PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Event:
    """What has happened. A message may come twice, and out of order: `id` is the same each time.

    `type` is as `points.earned`; `timestamp` when it happened; `sent_at` when this message was sent; both in UTC.
    """

    id: str
    type: str
    timestamp: datetime
    sent_at: datetime
    data: Mapping[str, Any] = field(hash=False)
    raw: Mapping[str, Any] = field(repr=False, hash=False, compare=False)


def verify(
    payload: bytes,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    tolerance_seconds: float = TOLERANCE_SECONDS,
    now: datetime | None = None,
) -> Event:
    """The event of a message: the raw body as it came, its headers, and our secret (while it changes: both).

    Raises SignatureInvalid where no secret has signed just this, or at another time than now; UnexpectedAnswer for
    a signed message that is no event; ValueError for a secret that can't be one, TypeError for a body taken apart.
    """
    if not isinstance(payload, bytes):
        raise TypeError("payload: the body as it came is needed, as bytes")
    keys = [_key_of(secret) for secret in ([secrets] if isinstance(secrets, str) else secrets)]
    if not keys:
        raise ValueError("secrets: one at least")
    found = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp, signatures = (_header(found, name) for name in ("id", "timestamp", "signature"))
    sent_at = _sent_at(timestamp, tolerance_seconds, now or utc_now())
    given = [_signature(part) for part in signatures.split()]
    expected = [_mac(key, message_id, timestamp, payload) for key in keys]
    matches = [hmac.compare_digest(ours, theirs) for ours in expected for theirs in given if theirs is not None]
    if not any(matches):
        raise SignatureInvalid("no signature is made with this secret of this body")
    return _event(message_id, sent_at, payload)


def sign(payload: bytes, secret: str, message_id: str, sent_at: datetime) -> dict[str, str]:
    """The headers of a message as the server would send it, for tests of a receiver."""
    timestamp = str(int(sent_at.timestamp()))
    mac = b64encode(_mac(_key_of(secret), message_id, timestamp, payload)).decode()
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{mac}"}


def _mac(key: bytes, message_id: str, timestamp: str, payload: bytes) -> bytes:
    return hmac.digest(key, f"{message_id}.{timestamp}.".encode("utf-8", "surrogateescape") + payload, hashlib.sha256)


def _key_of(secret: str) -> bytes:
    text = secret.strip().removeprefix(PREFIX)
    try:
        key = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ValueError("a webhook's secret looks like whsec_… with base64 behind it")
    return key


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(f"webhook-{name}")
    if not value:
        raise SignatureInvalid(f"no header webhook-{name}")
    return value


def _sent_at(timestamp: str, tolerance_seconds: float, now: datetime) -> datetime:
    if not re.fullmatch(r"[0-9]{1,11}", timestamp):
        raise SignatureInvalid("webhook-timestamp is no number of seconds")
    age_seconds = now.timestamp() - int(timestamp)
    if abs(age_seconds) > tolerance_seconds:
        raise SignatureInvalid(
            f"signed {abs(age_seconds):.0f} s {'ago' if age_seconds > 0 else 'ahead'}: replayed, or a clock is wrong"
        )
    return datetime.fromtimestamp(int(timestamp), UTC)


def _signature(part: str) -> bytes | None:
    version, _, text = part.partition(",")
    if version != "v1":
        return None
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _event(message_id: str, sent_at: datetime, payload: bytes) -> Event:
    try:
        body = json.loads(payload)
        data = body["data"]
        if not (isinstance(body["type"], str) and isinstance(data, dict)):
            raise TypeError("type and data")
        return Event(message_id, body["type"], parse_instant(body["timestamp"]), sent_at, data, body)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UnexpectedAnswer(f"a signed message that is no event: {type(error).__name__}: {error}") from error
