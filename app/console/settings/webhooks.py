"""`/console/webhooks`: addresses of other programs that are told what happens, and what they answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.console.door import console, must
from app.console.lists import listing
from app.console.places import HOME
from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.validation import load
from app.messaging import queries, schemas, services
from app.messaging.present import page_of_deliveries, page_of_endpoints, show_endpoint
from app.pages import forms
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.pages.readers import instant_in

HERE, SCOPE = f"{HOME}/webhooks", "webhooks:write"
_ENDPOINT, _SPAN = schemas.EndpointBody(), schemas.ReplayBody()
_OVERLAP = timedelta(days=1)


@console.page("/webhooks")
def webhooks(uow: UnitOfWork, visit: Visit) -> Handed:
    """Endpoints, newest first."""
    must(visit, SCOPE)
    asked = listing(HERE, schemas.ENDPOINTS)
    found = page_of_endpoints(uow, asked.query)
    shown = asked.showing([one["id"] for one in found["data"]], has_more=found["has_more"])
    return WebPage("console/webhooks.html", {"listing": shown, "endpoints": found["data"], "zone": _zone(uow)})


def _zone(uow: UnitOfWork) -> str:
    return districts.district(uow).time_zone


def _told(visit: Visit) -> dict[str, Any]:
    """The endpoint that a form describes, an event in each line. Raises ValidationFailed."""
    return forms.read(_ENDPOINT, forms.in_lines(visit.form.texts, "events"))


@console.page("/webhooks/new")
def new_webhook(uow: UnitOfWork, visit: Visit) -> Handed:
    """Where to, and of what."""
    must(visit, SCOPE)
    return WebPage("console/new_webhook.html", {})


@console.act("/webhooks/new", again=new_webhook)
def create_webhook(uow: UnitOfWork, visit: Visit) -> Handed:
    """Adds an endpoint; its signing secret is shown once."""
    must(visit, SCOPE)
    endpoint, secret = services.create_endpoint(uow, **_told(visit))
    audit.record(uow, "webhook_endpoint.created", endpoint.id)
    return WebPage("console/secret.html", {"secret": secret, "name": endpoint.url, "back": HERE})


@console.page("/webhooks/<whe:endpoint_id>")
def webhook(uow: UnitOfWork, visit: Visit, endpoint_id: str) -> Handed:
    """An endpoint with its deliveries, newest first, and what was answered."""
    must(visit, SCOPE)
    asked = listing(f"{HERE}/{endpoint_id}", schemas.DELIVERIES)
    found = page_of_deliveries(uow, endpoint_id, asked.query)
    values = {
        "endpoint": show_endpoint(queries.find_endpoint(uow, endpoint_id)),
        "listing": asked.showing([one["id"] for one in found["data"]], has_more=found["has_more"]),
        "deliveries": found["data"],
    }
    return WebPage("console/webhook.html", {**values, "zone": _zone(uow)})


@console.act("/webhooks/<whe:endpoint_id>", again=webhook)
def change_webhook(uow: UnitOfWork, visit: Visit, endpoint_id: str) -> Handed:
    """Another address, other events, other words."""
    must(visit, SCOPE)
    endpoint = queries.find_endpoint(uow, endpoint_id, lock=True)
    told = _told(visit)
    changes = {name: value for name, value in told.items() if value != getattr(endpoint, name)}
    return _changed(uow, endpoint_id, changes)


def _changed(uow: UnitOfWork, endpoint_id: str, changes: dict[str, Any]) -> Handed:
    if changes:
        endpoint = queries.find_endpoint(uow, endpoint_id, lock=True)
        services.update_endpoint(uow, endpoint, changes)
        audit.record(uow, "webhook_endpoint.changed", endpoint_id, {"fields": sorted(changes)})
    return Go(f"{HERE}/{endpoint_id}?told=changed")


@console.act("/webhooks/<whe:endpoint_id>/disable", again=webhook)
def disable_webhook(uow: UnitOfWork, visit: Visit, endpoint_id: str) -> Handed:
    """Switches it off; what happens meanwhile is kept for it."""
    must(visit, SCOPE)
    return _changed(uow, endpoint_id, {"status": "disabled"})


@console.act("/webhooks/<whe:endpoint_id>/enable", again=webhook)
def enable_webhook(uow: UnitOfWork, visit: Visit, endpoint_id: str) -> Handed:
    """Switches it on again; it is told what has waited."""
    must(visit, SCOPE)
    return _changed(uow, endpoint_id, {"status": "enabled"})


@console.act("/webhooks/<whe:endpoint_id>/rotate", again=webhook)
def rotate_webhook(uow: UnitOfWork, visit: Visit, endpoint_id: str) -> Handed:
    """Gives it a new secret; for a day messages bear both signatures."""
    must(visit, SCOPE)
    endpoint = queries.find_endpoint(uow, endpoint_id, lock=True)
    secret = services.rotate_secret(uow, endpoint, _OVERLAP)
    audit.record(uow, "webhook_endpoint.rotated", endpoint_id, {"overlap_seconds": int(_OVERLAP.total_seconds())})
    return WebPage("console/secret.html", {"secret": secret, "name": endpoint.url, "back": f"{HERE}/{endpoint_id}"})


@console.act("/webhooks/<whe:endpoint_id>/delete", again=webhook)
def delete_webhook(uow: UnitOfWork, visit: Visit, endpoint_id: str) -> Handed:
    """Removes it for good."""
    must(visit, SCOPE)
    services.delete_endpoint(queries.find_endpoint(uow, endpoint_id, lock=True))
    audit.record(uow, "webhook_endpoint.deleted", endpoint_id)
    return Go(f"{HERE}?told=deleted")


@console.act("/webhooks/<whe:endpoint_id>/replay", again=webhook)
def replay_webhook(uow: UnitOfWork, visit: Visit, endpoint_id: str) -> Handed:
    """Sends all of a span once more."""
    must(visit, SCOPE)
    zone = instant_in(_zone(uow))
    texts = visit.form.texts
    span = load(_SPAN, {name: zone(texts[name]) for name in ("from", "to") if texts.get(name)})
    services.replay_span(uow, queries.find_endpoint(uow, endpoint_id, lock=True), span["from"], span["to"])
    audit.record(uow, "webhook_endpoint.replayed", endpoint_id, {name: span[name] for name in ("from", "to")})
    return Go(f"{HERE}/{endpoint_id}?told=sent")


@console.act("/webhook-deliveries/<whd:delivery_id>/replay")
def replay_delivery(uow: UnitOfWork, visit: Visit, delivery_id: str) -> Handed:
    """Sends one once more."""
    must(visit, SCOPE)
    delivery = queries.find_delivery(uow, delivery_id)
    services.replay_delivery(uow, delivery)
    audit.record(uow, "webhook_delivery.replayed", delivery_id)
    return Go(f"{HERE}/{delivery.endpoint_id}?told=sent")
