"""Webhook endpoints, deliveries, events and posters through the SDK."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from flask import Flask

from merchant_sdk import Client, NotFound, PermissionDenied, ValidationError, WebhookDelivery, webhooks
from tests.conftest import OPERATOR_KEY
from tests.factories.clock import now
from tests.factories.districts import District
from tests.factories.processes import wait_until
from tests.factories.receivers import Receiver
from tests.factories.webhooks import at_work, doors, new_endpoint, nowhere, open_district, shop_key, tell


def test_an_endpoint_from_its_making_to_its_end(alliance: Client) -> None:
    url = nowhere()
    made = alliance.webhook_endpoints.create(url, events=["points.*"], description="ERP")
    assert (made.url, made.events, made.description, made.status) == (url, ("points.*",), "ERP", "enabled")
    assert made.secret is not None
    again = alliance.webhook_endpoints.rotate(made.id, overlap_seconds=0)
    assert again.secret not in (None, made.secret)
    off = alliance.webhook_endpoints.update(made.id, description=None, status="disabled")
    assert (off.status, off.description, off.disabled_reason, off.secret) == ("disabled", None, "by hand", None)
    assert alliance.webhook_endpoints.get(made.id) == off
    assert list(alliance.webhook_endpoints.list()) == [off]
    assert alliance.webhook_endpoints.delete(made.id).status == "deleted"
    assert list(alliance.webhook_endpoints.list()) == []
    for act in (alliance.webhook_endpoints.get, alliance.webhook_endpoints.delete, alliance.webhook_endpoints.rotate):
        with pytest.raises(NotFound):
            act(made.id)
    with pytest.raises(NotFound):
        list(alliance.webhook_endpoints.deliveries(made.id))


def test_what_is_refused(alliance: Client, address: str, district: District) -> None:
    with pytest.raises(ValidationError) as raised:
        alliance.webhook_endpoints.create("http://hooks.example.com/")
    assert [flaw.pointer for flaw in raised.value.errors] == ["/url"]
    made = alliance.webhook_endpoints.create(nowhere())
    with pytest.raises(ValidationError):
        alliance.webhook_endpoints.update(made.id, url="https://127.0.0.1/")
    with pytest.raises(ValidationError):
        alliance.webhook_endpoints.replay(made.id, recorded_from=now(), recorded_to=now() - timedelta(days=1))
    with Client(district.shop.key, address) as shop:
        for act in (shop.events.list, shop.webhook_endpoints.list):
            with pytest.raises(PermissionDenied):
                list(act())
    [kept] = alliance.webhook_endpoints.list()
    assert kept.url == made.url


def test_a_shop_lists_the_events_that_name_it(alliance: Client, address: str, district: District) -> None:
    sale = alliance.transactions.report(**district.sale())
    alliance.transactions.report(**district.sale(store_id=district.other_shop.store_id))
    with Client(shop_key(district), address) as shop:
        [event] = shop.events.list(event_type="transaction.recorded")
    assert (event.data["transaction_id"], event.district_id) == (sale.id, district.id)
    assert len(list(alliance.events.list(event_type="transaction.recorded"))) == 2


def test_deliveries_come_once_more(address: str, open_app: Flask, superuser: psycopg.Connection) -> None:
    street = open_district(open_app, OPERATOR_KEY)  # whose webhooks may go to this machine
    with Receiver() as receiver, Client(street.key, address) as client:
        made = new_endpoint(street, receiver.url)
        [event] = tell(open_app, superuser, street.id, *doors(1))[-1:]
        [waiting] = client.webhook_endpoints.deliveries(made["id"], status="pending", event_id=event)
        assert client.webhook_deliveries.replay(waiting.id).status == "pending"

        def delivered() -> list[WebhookDelivery]:
            return list(client.webhook_endpoints.deliveries(made["id"], status="delivered"))

        with at_work(open_app, street):
            assert wait_until(delivered)
            once_more = client.webhook_deliveries.replay(waiting.id)
            assert (once_more.status, len(once_more.attempts)) == ("pending", 1)
            assert wait_until(lambda: len(receiver.messages) == 2 and delivered())
            span = {"recorded_from": now() - timedelta(hours=1), "recorded_to": now() + timedelta(hours=1)}
            assert client.webhook_endpoints.replay(made["id"], **span).deliveries == 1
            assert wait_until(lambda: len(receiver.messages) == 3)
    assert receiver.ids == [event] * 3
    told = webhooks.verify(receiver.messages[0].body, receiver.messages[0].headers, made["secret"])
    assert (told.id, told.type) == (event, "door.opened")


def test_a_store_s_poster(alliance: Client, address: str, district: District) -> None:
    assert alliance.stores.join_qr(district.shop.store_id).startswith(b"<?xml")
    assert alliance.stores.join_qr(district.shop.store_id, format="png").startswith(b"\x89PNG")
    with Client(district.shop.key, address) as shop, pytest.raises(NotFound):
        shop.stores.join_qr(district.other_shop.store_id)
