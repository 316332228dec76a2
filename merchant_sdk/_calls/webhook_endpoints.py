"""`client.webhook_endpoints`, `client.webhook_deliveries` and `client.events`: who is told what has happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from merchant_sdk._answers.webhooks import RecordedEvent, WebhookDelivery, WebhookEndpoint, WebhookReplay
from merchant_sdk._calls.pages import Sends, read_all
from merchant_sdk._http.wire import UNSET, Keep, changed, given, path


class WebhookEndpoints:
    """Addresses that events are sent to: the district's, or with a merchant's key its own. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def create(
        self,
        url: str,
        *,
        events: Sequence[str] | None = None,
        description: str | None = None,
        idempotency_key: str | None = None,
    ) -> WebhookEndpoint:
        """Adds an https address; `events` as `["transaction.recorded", "points.*"]`, by default all.

        The secret for `webhooks.verify` comes now only.
        """
        body = given(url=url, events=events, description=description)
        answer = self._sender.request("POST", path("webhook-endpoints"), json=body, idempotency_key=idempotency_key)
        return WebhookEndpoint.read(answer)

    def get(self, endpoint_id: str) -> WebhookEndpoint:
        """An endpoint."""
        return WebhookEndpoint.read(self._sender.request("GET", path("webhook-endpoints", endpoint_id)))

    def list(self) -> Iterator[WebhookEndpoint]:
        """All endpoints, newest first, without their secrets."""
        return read_all(self._sender, path("webhook-endpoints"), WebhookEndpoint, {})

    def update(
        self,
        endpoint_id: str,
        *,
        url: str | Keep = UNSET,
        events: Sequence[str] | Keep = UNSET,
        description: str | Keep | None = UNSET,
        status: str | Keep = UNSET,
    ) -> WebhookEndpoint:
        """Changes what is given; None empties a field. `status` is `enabled` or `disabled`."""
        body = changed(url=url, events=events, description=description, status=status)
        answer = self._sender.request("PATCH", path("webhook-endpoints", endpoint_id), json=body)
        return WebhookEndpoint.read(answer)

    def delete(self, endpoint_id: str) -> WebhookEndpoint:
        """Removes an endpoint; nothing more is sent to it."""
        return WebhookEndpoint.read(self._sender.request("DELETE", path("webhook-endpoints", endpoint_id)))

    def rotate(
        self, endpoint_id: str, *, overlap_seconds: int | None = None, idempotency_key: str | None = None
    ) -> WebhookEndpoint:
        """Gives an endpoint a new secret; messages are signed with the old one too for `overlap_seconds` (by default a day)."""
        address, body = path("webhook-endpoints", endpoint_id, "rotate"), given(overlap_seconds=overlap_seconds)
        answer = self._sender.request("POST", address, json=body, idempotency_key=idempotency_key)
        return WebhookEndpoint.read(answer)

    def deliveries(
        self, endpoint_id: str, *, status: str | None = None, event_id: str | None = None
    ) -> Iterator[WebhookDelivery]:
        """Deliveries to an endpoint with all attempts, newest first; `status` is `pending`, `delivered` or `failed`."""
        address = path("webhook-endpoints", endpoint_id, "deliveries")
        return read_all(self._sender, address, WebhookDelivery, {"status": status, "event_id": event_id})

    def replay(
        self,
        endpoint_id: str,
        *,
        recorded_from: datetime | str,
        recorded_to: datetime | str,
        idempotency_key: str | None = None,
    ) -> WebhookReplay:
        """Sends all events of a span once more, each under its old id; `recorded_to` is the first instant left out."""
        address, body = path("webhook-endpoints", endpoint_id, "replay"), {"from": recorded_from, "to": recorded_to}
        return WebhookReplay.read(self._sender.request("POST", address, json=body, idempotency_key=idempotency_key))


class WebhookDeliveries:
    """Events on their way. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def replay(self, delivery_id: str, *, idempotency_key: str | None = None) -> WebhookDelivery:
        """Sends an event to the same endpoint once more, under its old id.

        Raises Conflict for an event that is no longer kept.
        """
        address = path("webhook-deliveries", delivery_id, "replay")
        return WebhookDelivery.read(self._sender.request("POST", address, idempotency_key=idempotency_key))


class Events:
    """What has happened, as webhooks tell it. Every call raises QuantongError."""

    def __init__(self, sender: Sends) -> None:
        self._sender = sender

    def list(self, *, event_type: str | None = None) -> Iterator[RecordedEvent]:
        """Events of the district, or with a merchant's key those that name it, newest first; `points.earned` or all."""
        return read_all(self._sender, path("events"), RecordedEvent, {"type": event_type})
