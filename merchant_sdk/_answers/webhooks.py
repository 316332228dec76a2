"""What the calls on events and webhook endpoints answer. Instants in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from merchant_sdk._answers.reading import INSTANT, TUPLE, Answer, many


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent(Answer):
    """What has happened, as it is kept: a webhook's message has the same `id`, `type` (`points.earned`) and `data`."""

    id: str
    type: str
    timestamp: datetime = field(metadata=INSTANT)
    district_id: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint(Answer):
    """Where events go: of `events` (`points.*`, `*`) those that name the merchant, without one all of the district.

    `status` is `enabled`, `disabled` (then `disabled_reason`) or `deleted`. Its `secret` is told once, when it is made
    or rotated.
    """

    id: str
    url: str
    merchant_id: str | None = None
    description: str | None = None
    events: tuple[str, ...] = field(default=(), metadata=TUPLE)
    status: str | None = None
    disabled_reason: str | None = None
    failing_since: datetime | None = field(default=None, metadata=INSTANT)
    created_at: datetime | None = field(default=None, metadata=INSTANT)
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAttempt(Answer):
    """One message sent: `status_code` and `answer` are the receiver's, `error` says why there is none."""

    attempted_at: datetime = field(metadata=INSTANT)
    duration_ms: int = 0
    status_code: int | None = None
    error: str | None = None
    request: Mapping[str, Any] = field(default_factory=dict, hash=False)
    answer: Mapping[str, Any] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivery(Answer):
    """An event on its way to an endpoint: `status` is `pending`, `delivered` or `failed`."""

    id: str
    endpoint_id: str
    event_id: str
    event_type: str = ""
    status: str = ""
    next_attempt_at: datetime | None = field(default=None, metadata=INSTANT)
    created_at: datetime | None = field(default=None, metadata=INSTANT)
    attempts: tuple[WebhookAttempt, ...] = field(default=(), metadata=many(WebhookAttempt))


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookReplay(Answer):
    """How many `deliveries` were started anew."""

    endpoint_id: str
    deliveries: int = 0
