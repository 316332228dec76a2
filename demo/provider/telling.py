"""Events on their way to who wants them: signed, more than once or out of order where somebody wishes so."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence

from demo.provider.books import Thing


def signed(body: bytes, secrets: Sequence[str], at: int) -> str:
    """The `Stripe-Signature` of a body: one signature for each secret."""
    marks = [hmac.new(one.encode(), b"%d." % at + body, hashlib.sha256).hexdigest() for one in secrets]
    return ",".join([f"t={at}", *(f"v1={mark}" for mark in marks)])


def letter(event: Thing, secrets: Sequence[str], at: int) -> tuple[bytes, dict[str, str]]:
    """An event as it is posted: its body and headers."""
    body = json.dumps(event).encode()
    return body, {"Stripe-Signature": signed(body, secrets, at), "Content-Type": "application/json; charset=utf-8"}
