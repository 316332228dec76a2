"""Refunds through the API."""

from __future__ import annotations

from typing import Any

from tests.factories.api import Reply
from tests.factories.districts import District, next_number


def refund(district: District, *, key: str | None = None, idempotency_key: str | None = None, **body: Any) -> Reply:
    """Reports a refund, under a new reference unless told otherwise."""
    body = {"reference": f"RF{next_number():08d}", **body}
    return district.api.post("/v1/refunds", body, key or district.key, idempotency_key)


def give_back(district: District, transaction_id: str, amount: int, **more: Any) -> dict[str, Any]:
    """Gives back part of a sale's bill."""
    made: dict[str, Any] = refund(district, transaction_id=transaction_id, amount=amount, **more).ok(201)
    return made
