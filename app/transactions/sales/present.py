"""How a sale is shown."""

from __future__ import annotations

from typing import Any

from app.transactions.sales.record import Record


def present(
    record: Record,
    *,
    balance: dict[str, int] | None,
    explanation: list[dict[str, Any]],
    claim_url: str | None = None,
) -> dict[str, Any]:
    """A sale as the API shows it; instants in UTC are left to `respond`, which writes them quicker."""
    earned = record.points_earned > 0
    body: dict[str, Any] = {
        "object": "transaction",
        "id": record.id,
        "reference": record.reference,
        "merchant_id": record.merchant_id,
        "store_id": record.store_id,
        "member_id": record.member_id,
        "amount": record.amount,
        "discount_amount": record.discount_amount,
        "points_spent": record.points_spent,
        "points_amount": record.points_amount,
        "paid_amount": record.paid_amount,
        "eligible_amount": record.eligible_amount,
        "refunded_amount": record.refunded_amount,
        "currency": record.currency,
        "status": record.status,
        "coupons": [],
        "points_earned": record.points_earned,
        "available_at": record.available_at if earned else None,
        "expires_at": record.expires_at if earned else None,
        "balance": balance,
        "rule_set_version": record.rule_set_version,
        "explanation": explanation,
        "channel": record.channel,
        "payment_method": record.payment_method,
        "payment_reference": record.payment_reference,
        "items": record.items or [],
        "metadata": record.metadata or {},
        "claimed_at": record.claimed_at,
        "occurred_at": record.occurred_at,
        "recorded_at": record.recorded_at,
    }
    if claim_url is not None:
        body["claim_url"] = claim_url
    return body
