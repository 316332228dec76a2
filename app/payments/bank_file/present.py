"""How batches are shown: never their accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import page_of
from app.payments.bank_file import queries
from app.payments.bank_file.models import PaymentBatch
from app.payments.bank_file.services import Noted


def show_batch(row: PaymentBatch) -> dict[str, Any]:
    """A batch, with the payments in its file."""
    return {
        "object": "payment_batch",
        "id": row.id,
        "period_id": row.period_id,
        "direction": row.direction,
        "profile": row.profile,
        "status": row.status,
        "amount": row.amount,
        "payment_ids": sorted(queries.rows_of(row)),
        "sha256": row.sha256.hex(),
        "created_at": format_instant(row.created_at),
    }


def page_of_batches(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the batches, newest first."""
    return page_of(uow, queries.batches(uow), PaymentBatch.id, query, show_batch)


def show_noted(row: PaymentBatch, noted: Noted) -> dict[str, Any]:
    """A batch, and what a bank's file has told of it."""
    return {**show_batch(row), "noted": noted._asdict()}
