"""What `client.provider` and `client.billing` answer. Amounts in minor units; instants in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from merchant_sdk._answers.reading import INSTANT, Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentProvider(Answer):
    """The district's account at a payment provider; of its key only the end is shown."""

    provider: str
    account: str | None = None
    key_hint: str | None = None
    is_live: bool = False
    events_url: str = ""
    changed_at: datetime | None = field(default=None, metadata=INSTANT)
