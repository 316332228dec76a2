"""What happens to webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.foundation.database.outbox import Event


@dataclass(frozen=True, slots=True)
class WebhookEndpointDisabled(Event):
    """An endpoint was switched off, by hand or because it kept failing."""

    type: ClassVar[str] = "webhook_endpoint.disabled"
    endpoint_id: str
    merchant_id: str | None
    reason: str
