"""Reading of this room, locks included."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, select

from app.foundation.database.everywhere import ask_everywhere
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound
from app.messaging.models import RecordedEvent, WebhookAttempt, WebhookDelivery, WebhookEndpoint


def events(uow: UnitOfWork) -> Select[RecordedEvent]:
    """The district's events; to a merchant's key, those that name the merchant."""
    query = select(RecordedEvent).where(RecordedEvent.district_id == uow.district_id)
    if uow.principal.merchant_id is None:
        return query
    return query.where(RecordedEvent.payload["merchant_id"].astext == uow.principal.merchant_id)


def endpoints(uow: UnitOfWork) -> Select[WebhookEndpoint]:
    """The endpoints that the principal may see: all of the district, or a merchant's own."""
    query = select(WebhookEndpoint).where(
        WebhookEndpoint.district_id == uow.district_id, WebhookEndpoint.status != "deleted"
    )
    if uow.principal.merchant_id is None:
        return query
    return query.where(WebhookEndpoint.merchant_id == uow.principal.merchant_id)


def find_endpoint(uow: UnitOfWork, endpoint_id: str, *, lock: bool = False) -> WebhookEndpoint:
    """Raises NotFound. Locked, deliveries to it may still be added."""
    query = endpoints(uow).where(WebhookEndpoint.id == endpoint_id)
    row = uow.session.scalars(query.with_for_update(key_share=True) if lock else query).one_or_none()
    if row is None:
        raise NotFound
    return row


def deliveries(uow: UnitOfWork, endpoint_id: str) -> Select[WebhookDelivery]:
    """What was or will be delivered to an endpoint."""
    return select(WebhookDelivery).where(
        WebhookDelivery.district_id == uow.district_id, WebhookDelivery.endpoint_id == endpoint_id
    )


def find_delivery(uow: UnitOfWork, delivery_id: str) -> WebhookDelivery:
    """A delivery to an endpoint that the principal may see, locked. Raises NotFound."""
    query = select(WebhookDelivery).where(
        WebhookDelivery.district_id == uow.district_id, WebhookDelivery.id == delivery_id
    )
    row = uow.session.scalars(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound
    find_endpoint(uow, row.endpoint_id)
    return row


def attempts_of(uow: UnitOfWork, delivery_ids: Iterable[str]) -> dict[str, list[WebhookAttempt]]:
    """Attempts by delivery, the first one first."""
    query = select(WebhookAttempt).where(
        WebhookAttempt.district_id == uow.district_id, WebhookAttempt.delivery_id.in_(list(delivery_ids))
    )
    result: dict[str, list[WebhookAttempt]] = {}
    for row in uow.session.scalars(query.order_by(WebhookAttempt.id)):
        result.setdefault(row.delivery_id, []).append(row)
    return result


def all_endpoints(uow: UnitOfWork) -> Sequence[WebhookEndpoint]:
    """Every endpoint of the district that can be told something, those switched off too: they catch up later."""
    query = select(WebhookEndpoint).where(
        WebhookEndpoint.district_id == uow.district_id, WebhookEndpoint.status != "deleted"
    )
    return uow.session.scalars(query).all()


def endpoints_to_reseal(uow: UnitOfWork) -> Sequence[WebhookEndpoint]:
    """Every endpoint of the district, locked."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.district_id == uow.district_id).order_by(WebhookEndpoint.id)
    return uow.session.scalars(query.with_for_update(key_share=True)).all()


def event_exists(uow: UnitOfWork, event_id: str) -> bool:
    """Whether the outbox still keeps an event."""
    query = "SELECT FROM outbox WHERE district_id = %s AND id = %s"
    return bool(uow.execute(query, (hex_of(uow.district_id), hex_of(event_id))).rowcount)


_DUE = "SELECT district_id, endpoint_id FROM webhooks_due(%s, %s::uuid[])"
_FIGURES = "SELECT pending, extract(epoch FROM oldest_due)::float8, disabled FROM webhook_figures(%s, %s::uuid[])"


def due_endpoints() -> list[tuple[str, str]]:
    """(district id, endpoint id) of endpoints that have something due, in every district."""
    rows = ask_everywhere(lambda uow, among: uow.rows(_DUE, (uow.now, among)))
    return [(f"dis_{district}", f"whe_{endpoint}") for district, endpoint in rows]


def figures() -> tuple[int, float | None, int]:
    """Over all districts: deliveries pending, when the oldest that is due was due (epoch), endpoints switched off."""
    rows = ask_everywhere(lambda uow, among: uow.rows(_FIGURES, (uow.now, among)))
    pending, disabled = sum(row[0] for row in rows), sum(row[2] for row in rows)
    return pending, min((row[1] for row in rows if row[1] is not None), default=None), disabled


def events_between(uow: UnitOfWork, start: datetime, end: datetime, merchant_id: str | None) -> list[tuple[str, str]]:
    """(id, type) of events recorded in a span; those of one merchant if one is given."""
    rows = uow.rows(
        "SELECT id, type FROM outbox WHERE district_id = %s AND recorded_at >= %s AND recorded_at < %s "
        "AND (%s::text IS NULL OR payload->>'merchant_id' = %s) ORDER BY id",
        (hex_of(uow.district_id), start, end, merchant_id, merchant_id),
    )
    return [(f"evt_{event}", kind) for event, kind in rows]
