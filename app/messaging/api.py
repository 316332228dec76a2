"""`/v1/events`, `/v1/webhook-endpoints`, `/v1/webhook-deliveries`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.foundation.pagination import page_of
from app.foundation.runtime import keyring
from app.messaging import answers, queries, schemas, services
from app.messaging.errors import EventGone
from app.messaging.models import RecordedEvent
from app.messaging.parcels import show_event
from app.messaging.present import page_of_deliveries, page_of_endpoints, show_delivery, show_endpoint

events = Routes("events", __name__, url_prefix="/v1/events")
endpoints = Routes("webhook_endpoints", __name__, url_prefix="/v1/webhook-endpoints")
deliveries = Routes("webhook_deliveries", __name__, url_prefix="/v1/webhook-deliveries")
ROOMS = (events, endpoints, deliveries)


def _sealed(body: dict[str, Any], secret: str) -> dict[str, Any]:
    return {"body": body, "sealed": keyring().seal(secret, bound_to=body["id"]).hex()}


def _replay_secret(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = stored["body"]
    return {**body, "secret": keyring().open(bytes.fromhex(stored["sealed"]), bound_to=body["id"])}


@events.serve("GET", "", scope="webhooks:write", query=schemas.EVENTS, answers={200: answers.EVENTS})
def list_events(uow: UnitOfWork, call: Call) -> Answer:
    """List what has happened, newest first; a merchant's key sees what names it."""
    query = queries.events(uow)
    if call.query.get("type"):
        query = query.where(RecordedEvent.type == call.query["type"])

    def show(row: RecordedEvent) -> dict[str, Any]:
        return show_event(row.id, row.type, row.payload, row.recorded_at, row.district_id)

    return Answer(page_of(uow, query, RecordedEvent.id, call.query, show))


@endpoints.serve(
    "POST",
    "",
    scope="webhooks:write",
    body=schemas.EndpointBody(),
    answers={201: answers.NEW_ENDPOINT},
    replay=_replay_secret,
    audit="webhook_endpoint.created",
)
def create_endpoint(uow: UnitOfWork, call: Call) -> Answer:
    """Add an endpoint; its signing secret is shown once."""
    endpoint, secret = services.create_endpoint(uow, **call.body)
    body = show_endpoint(endpoint)
    return Answer({**body, "secret": secret}, 201, stored=_sealed(body, secret))


@endpoints.serve("GET", "", scope="webhooks:write", query=schemas.ENDPOINTS, answers={200: answers.ENDPOINTS})
def list_endpoints(uow: UnitOfWork, call: Call) -> Answer:
    """List the endpoints."""
    return Answer(page_of_endpoints(uow, call.query))


@endpoints.serve("GET", "/<whe:endpoint_id>", scope="webhooks:write", answers={200: answers.ENDPOINT})
def get_endpoint(uow: UnitOfWork, call: Call, endpoint_id: str) -> Answer:
    """Read an endpoint."""
    return Answer(show_endpoint(queries.find_endpoint(uow, endpoint_id)))


@endpoints.serve(
    "PATCH",
    "/<whe:endpoint_id>",
    scope="webhooks:write",
    body=schemas.EndpointChange(),
    answers={200: answers.ENDPOINT},
    audit="webhook_endpoint.changed",
)
def update_endpoint(uow: UnitOfWork, call: Call, endpoint_id: str) -> Answer:
    """Change an endpoint, or switch it off and on."""
    endpoint = queries.find_endpoint(uow, endpoint_id, lock=True)
    services.update_endpoint(uow, endpoint, call.body)
    return Answer(show_endpoint(endpoint))


@endpoints.serve(
    "DELETE",
    "/<whe:endpoint_id>",
    scope="webhooks:write",
    answers={200: answers.ENDPOINT},
    audit="webhook_endpoint.deleted",
)
def delete_endpoint(uow: UnitOfWork, call: Call, endpoint_id: str) -> Answer:
    """Remove an endpoint; nothing more is sent to it."""
    endpoint = queries.find_endpoint(uow, endpoint_id, lock=True)
    services.delete_endpoint(endpoint)
    return Answer(show_endpoint(endpoint))


@endpoints.serve(
    "POST",
    "/<whe:endpoint_id>/rotate",
    scope="webhooks:write",
    body=schemas.RotateSecretBody(),
    answers={200: answers.NEW_ENDPOINT},
    replay=_replay_secret,
    audit="webhook_endpoint.rotated",
)
def rotate_secret(uow: UnitOfWork, call: Call, endpoint_id: str) -> Answer:
    """Give an endpoint a new secret; messages bear both signatures until the overlap ends."""
    endpoint = queries.find_endpoint(uow, endpoint_id, lock=True)
    secret = services.rotate_secret(uow, endpoint, timedelta(seconds=call.body["overlap_seconds"]))
    body = show_endpoint(endpoint)
    return Answer({**body, "secret": secret}, stored=_sealed(body, secret))


@endpoints.serve(
    "GET",
    "/<whe:endpoint_id>/deliveries",
    scope="webhooks:write",
    query=schemas.DELIVERIES,
    answers={200: answers.DELIVERIES},
)
def list_deliveries(uow: UnitOfWork, call: Call, endpoint_id: str) -> Answer:
    """List deliveries to an endpoint with their attempts, newest first."""
    return Answer(page_of_deliveries(uow, endpoint_id, call.query))


@endpoints.serve(
    "POST",
    "/<whe:endpoint_id>/replay",
    scope="webhooks:write",
    body=schemas.ReplayBody(),
    answers={202: answers.REPLAY},
    audit="webhook_endpoint.replayed",
)
def replay_span(uow: UnitOfWork, call: Call, endpoint_id: str) -> Answer:
    """Deliver all events of a span once more, each under its old id."""
    endpoint = queries.find_endpoint(uow, endpoint_id, lock=True)
    count = services.replay_span(uow, endpoint, call.body["from"], call.body["to"])
    return Answer({"object": "webhook_replay", "endpoint_id": endpoint.id, "deliveries": count}, 202)


@deliveries.serve(
    "POST",
    "/<whd:delivery_id>/replay",
    scope="webhooks:write",
    answers={202: answers.DELIVERY},
    problems=(EventGone,),
    audit="webhook_delivery.replayed",
)
def replay_delivery(uow: UnitOfWork, call: Call, delivery_id: str) -> Answer:
    """Make a delivery once more, under the same event id."""
    delivery = queries.find_delivery(uow, delivery_id)
    services.replay_delivery(uow, delivery)
    attempts = queries.attempts_of(uow, [delivery.id])
    return Answer(show_delivery(delivery, attempts.get(delivery.id, [])), 202)
