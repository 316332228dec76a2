"""How an account at Stripe is shown: never with its secrets."""

from __future__ import annotations

from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.runtime import runtime
from app.payments.stripe import queries


def show_provider(uow: UnitOfWork) -> dict[str, Any]:
    """The district's account, and where its events are to be sent."""
    row = queries.account_of(uow)
    return {
        "object": "payment_provider",
        "provider": queries.STRIPE,
        "account": row and row.account,
        "key_hint": row and row.hint,
        "is_live": row is not None and not uow.is_sandbox,
        "events_url": f"{runtime().settings.public_url.rstrip('/')}/v1/provider-events/{uow.district_id}",
        "changed_at": format_instant(row.changed_at) if row is not None else None,
    }
