"""Verbs that write endpoints and what is to be delivered to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.foundation.database.sql_arrays import id_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import new_id
from app.foundation.jobs.relay import TakenEvent
from app.foundation.keyring import SealBroken
from app.foundation.runtime import keyring
from app.messaging import queries, rules
from app.messaging.errors import EventGone
from app.messaging.events import WebhookEndpointDisabled
from app.messaging.models import WebhookDelivery, WebhookEndpoint

_DELIVER = f"""
    INSERT INTO webhook_deliveries
        (district_id, id, endpoint_id, event_id, event_type, status, tries_left, next_attempt_at, created_at)
    VALUES (%(district)s::uuid, {unnested(ids="uuid", endpoints="uuid", events="uuid", types="text")}, 'pending',
            %(tries)s::integer, %(real_now)s::timestamptz, %(real_now)s::timestamptz)
    ON CONFLICT (district_id, endpoint_id, event_id) DO
"""
_ONCE = _DELIVER + " NOTHING"
_AGAIN = (
    _DELIVER
    + " UPDATE SET status = 'pending', tries_left = excluded.tries_left, next_attempt_at = excluded.next_attempt_at"
)


def create_endpoint(
    uow: UnitOfWork, *, url: str, events: list[str], description: str | None
) -> tuple[WebhookEndpoint, str]:
    """Adds an endpoint of the principal's merchant, or of the district; gives it and its secret."""
    secret, endpoint_id = rules.new_secret(), new_id("whe")
    endpoint = WebhookEndpoint(
        district_id=uow.district_id,
        id=endpoint_id,
        merchant_id=uow.principal.merchant_id,
        url=url,
        description=description,
        events=events,
        secret=keyring().seal(secret, bound_to=endpoint_id),
        status="enabled",
        created_at=uow.now,
    )
    uow.session.add(endpoint)
    return endpoint, secret


def update_endpoint(uow: UnitOfWork, endpoint: WebhookEndpoint, changes: Mapping[str, Any]) -> None:
    """Changes address, events, description or status. Switched on again, it is told what has waited meanwhile."""
    for name in ("url", "events", "description"):
        if name in changes:
            setattr(endpoint, name, changes[name])
    if changes.get("status") == "enabled":
        endpoint.status, endpoint.disabled_reason, endpoint.failing_since = "enabled", None, None
    elif changes.get("status") == "disabled" and endpoint.status == "enabled":
        disable(uow, endpoint, "by hand")


def delete_endpoint(endpoint: WebhookEndpoint) -> None:
    """Removes an endpoint that is locked; nothing more is sent to it."""
    endpoint.status = "deleted"


def disable(uow: UnitOfWork, endpoint: WebhookEndpoint, reason: str) -> None:
    """Switches an endpoint off, and says so."""
    endpoint.status, endpoint.disabled_reason = "disabled", reason
    uow.emit(WebhookEndpointDisabled(endpoint.id, endpoint.merchant_id, reason))


def rotate_secret(uow: UnitOfWork, endpoint: WebhookEndpoint, overlap: timedelta) -> str:
    """Gives an endpoint a new secret; messages are signed with both until the overlap ends."""
    secret = rules.new_secret()
    endpoint.previous_secret, endpoint.previous_until = endpoint.secret, uow.real_now + overlap
    endpoint.secret = keyring().seal(secret, bound_to=endpoint.id)
    return secret


def secrets_of(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """The secrets that sign now: the current one, and the previous one while it overlaps."""
    sealed = [endpoint.secret]
    if endpoint.previous_secret is not None and endpoint.previous_until is not None and endpoint.previous_until > now:
        sealed.append(endpoint.previous_secret)
    return [keyring().open(one, bound_to=endpoint.id) for one in sealed]


def refresh_keys(uow: UnitOfWork) -> tuple[int, list[str]]:
    """Seals the secrets of the district's endpoints under the newest key.

    Gives how many secrets had to be, and the ids of endpoints whose secret no key at hand opens.
    """
    changed, broken = 0, []
    for endpoint in queries.endpoints_to_reseal(uow):
        try:
            changed += sum(_reseal(endpoint, name) for name in ("secret", "previous_secret"))
        except SealBroken:
            broken.append(endpoint.id)
    return changed, broken


def _reseal(endpoint: WebhookEndpoint, name: str) -> bool:
    sealed = getattr(endpoint, name)
    if sealed is None or keyring().seal_is_current(sealed):
        return False
    setattr(endpoint, name, keyring().seal(keyring().open(sealed, bound_to=endpoint.id), bound_to=endpoint.id))
    return True


def fan_out(uow: UnitOfWork, events: Sequence[TakenEvent]) -> None:
    """Notes a delivery for each event and each endpoint that wants it; again, nothing is added."""
    wanted = [
        (endpoint, event.id, event.type)
        for endpoint in queries.all_endpoints(uow)
        for event in events
        if endpoint.merchant_id in (None, event.payload.get("merchant_id"))
        and rules.is_wanted(endpoint.events, event.type)
    ]
    _deliver(uow, _ONCE, wanted)


def replay_delivery(uow: UnitOfWork, delivery: WebhookDelivery) -> None:
    """Has a delivery made once more, or at once if it waits, under the same event id. Raises EventGone."""
    if not queries.event_exists(uow, delivery.event_id):
        raise EventGone
    delivery.status, delivery.tries_left, delivery.next_attempt_at = "pending", rules.TRIES, uow.real_now


def replay_span(uow: UnitOfWork, endpoint: WebhookEndpoint, start: datetime, end: datetime) -> int:
    """Has all events of a span that the endpoint wants delivered once more; gives their number."""
    events = queries.events_between(uow, start, end, endpoint.merchant_id)
    wanted = [(endpoint, event, kind) for event, kind in events if rules.is_wanted(endpoint.events, kind)]
    _deliver(uow, _AGAIN, wanted)
    return len(wanted)


def _deliver(uow: UnitOfWork, query: str, wanted: Sequence[tuple[WebhookEndpoint, str, str]]) -> None:
    if wanted:
        uow.write(
            query,
            {
                "real_now": uow.real_now,
                "tries": rules.TRIES,
                "ids": id_array([new_id("whd") for _ in wanted]),
                "endpoints": id_array([endpoint.id for endpoint, _, _ in wanted]),
                "events": id_array([event for _, event, _ in wanted]),
                "types": text_array([kind for _, _, kind in wanted]),
            },
        )
