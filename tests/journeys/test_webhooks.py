"""A merchant's webhooks from the first secret to the replay."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from standardwebhooks import WebhookVerificationError

from app.messaging import rules
from tests.conftest import OPERATOR_KEY
from tests.factories.checksums import checksums
from tests.factories.clock import ago, ahead
from tests.factories.districts import District
from tests.factories.lists import check_paging, ids
from tests.factories.problems import check_problem
from tests.factories.processes import wait_until
from tests.factories.receivers import Receiver, status
from tests.factories.webhooks import (
    at_work,
    deliveries,
    doors,
    endpoint,
    hurry,
    new_endpoint,
    nowhere,
    open_district,
    shop_key,
    tell,
)

PATH = "/v1/webhook-endpoints"


@pytest.fixture
def street(open_app: Flask) -> District:
    """A district whose webhooks may go to this machine."""
    return open_district(open_app, OPERATOR_KEY)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Accepts everything."""
    with Receiver() as one:
        yield one


def test_an_endpoint_from_its_making_to_its_end(street: District) -> None:
    url = nowhere()
    made = street.api.post(PATH, {"url": url, "description": "till"}, street.key).ok(201)
    assert made.pop("secret").startswith("whsec_")
    assert made == {
        "object": "webhook_endpoint",
        "id": made["id"],
        "merchant_id": None,
        "url": url,
        "description": "till",
        "events": ["*"],
        "status": "enabled",
        "disabled_reason": None,
        "failing_since": None,
        "created_at": made["created_at"],
    }
    one = f"{PATH}/{made['id']}"
    assert street.api.get(one, street.key).ok(200) == made
    changed = street.api.patch(one, {"events": ["points.*"], "description": None}, street.key).ok(200)
    assert changed == {**made, "events": ["points.*"], "description": None}
    off = street.api.patch(one, {"status": "disabled"}, street.key).ok(200)
    assert (off["status"], off["disabled_reason"]) == ("disabled", "by hand")
    on = street.api.patch(one, {"status": "enabled"}, street.key).ok(200)
    assert (on["status"], on["disabled_reason"]) == ("enabled", None)
    assert street.api.call("DELETE", one, key=street.key).ok(200)["status"] == "deleted"
    for method, path in (("GET", one), ("PATCH", one), ("DELETE", one), ("GET", f"{one}/deliveries")):
        body = {} if method == "PATCH" else None
        check_problem(street.api.call(method, path, body, key=street.key), 404, "not-found")
    assert street.api.get(PATH, street.key).ok(200)["data"] == []


def test_endpoints_are_listed_and_paged_and_a_shop_sees_its_own(street: District) -> None:
    key = shop_key(street)
    whole = [new_endpoint(street, nowhere())["id"] for _ in range(2)]
    own = [new_endpoint(street, nowhere(), key)["id"] for _ in range(3)]
    check_paging(street.api, PATH, street.key, [*reversed(own), *reversed(whole)])
    check_paging(street.api, PATH, key, [*reversed(own)])
    listed = street.api.get(PATH, street.key).ok(200)["data"]
    assert all("secret" not in one for one in listed)
    assert [one["merchant_id"] for one in listed] == [street.shop.merchant_id] * 3 + [None] * 2
    for one in whole:
        check_problem(street.api.get(f"{PATH}/{one}", key), 404, "not-found")


@pytest.mark.parametrize("url", ["http://hooks.example.com/", "https://127.0.0.1/", "https://169.254.169.254/x"])
def test_the_inside_and_plain_http_are_refused_unless_settings_open_them(
    district: District, street: District, superuser: psycopg.Connection, url: str
) -> None:
    made = new_endpoint(district, nowhere())["id"]
    before = checksums(superuser, district.id)
    for reply in (
        district.api.post(PATH, {"url": url}, district.key),
        district.api.patch(f"{PATH}/{made}", {"url": url}, district.key),
    ):
        assert check_problem(reply, 422, "validation-failed").pointers == {"/url"}
    assert checksums(superuser, district.id) == before
    street.api.post(PATH, {"url": url}, street.key).ok(201)


def test_a_secret_is_shown_again_to_the_same_request_alone(street: District, superuser: psycopg.Connection) -> None:
    body = {"url": nowhere()}
    first = street.api.post(PATH, body, street.key, "one")
    again = street.api.post(PATH, body, street.key, "one")
    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    path = f"{PATH}/{first.body['id']}/rotate"
    second = street.api.post(path, {}, street.key, "two").ok(200)
    assert street.api.post(path, {}, street.key, "two").ok(200) == second
    assert second["secret"] != first.body["secret"]
    assert street.api.post(PATH, body, street.key, "one").ok(201)["secret"] == first.body["secret"]
    kept = superuser.execute(
        "SELECT string_agg(answer::text, '') FROM idempotency_keys WHERE district_id = %s", (street.id[-32:],)
    ).fetchone()
    assert kept is not None
    assert first.body["id"] in kept[0]
    assert "whsec_" not in kept[0]


def test_while_secrets_overlap_both_verify(
    street: District, receiver: Receiver, open_app: Flask, superuser: psycopg.Connection
) -> None:
    made = new_endpoint(street, receiver.url)
    path = f"{PATH}/{made['id']}/rotate"
    second = street.api.post(path, {"overlap_seconds": 600}, street.key).ok(200)["secret"]
    tell(open_app, superuser, street.id, *doors(1))
    with at_work(open_app, street):
        assert wait_until(lambda: len(receiver.messages) == 1)
        third = street.api.post(path, {"overlap_seconds": 0}, street.key).ok(200)["secret"]
        tell(open_app, superuser, street.id, *doors(1))
        assert wait_until(lambda: len(receiver.messages) == 2)
    both, last = receiver.messages
    assert both.headers["webhook-signature"].count("v1,") == 2
    assert both.verified(made["secret"]) == both.verified(second)
    assert last.headers["webhook-signature"].count("v1,") == 1
    assert last.verified(third)
    for old in (made["secret"], second):
        with pytest.raises(WebhookVerificationError):
            last.verified(old)


def test_a_failed_delivery_comes_again_under_its_id_until_it_is_accepted(
    street: District, receiver: Receiver, open_app: Flask, superuser: psycopg.Connection
) -> None:
    receiver.answer = status(503, b"later", Content_Type="text/plain")
    made = new_endpoint(street, receiver.url)
    [event] = tell(open_app, superuser, street.id, *doors(1))[-1:]
    with at_work(open_app, street):
        for tries in (1, 2, 3):
            assert wait_until(lambda: len(receiver.messages) == tries)  # noqa: B023 - asked at once
            assert wait_until(lambda: len(deliveries(street, made["id"])[0]["attempts"]) == tries)  # noqa: B023
            hurry(superuser, street.id)
        receiver.answer = status(200)
        assert wait_until(lambda: deliveries(street, made["id"], status="delivered"))
    [row] = deliveries(street, made["id"])
    assert [one["status_code"] for one in row["attempts"]] in ([503, 503, 503, 200], [503] * 4 + [200])
    assert row["attempts"][0]["answer"] == {"content_type": "text/plain", "body": "later"}
    assert row["attempts"][0]["request"]["url"] == receiver.url
    assert {message.id for message in receiver.messages} == {event}
    assert len({message.body for message in receiver.messages}) == 1
    for message in receiver.messages:
        assert message.verified(made["secret"])["id"] == event
    assert endpoint(street, made["id"])["failing_since"] is None


def test_who_fails_for_a_day_is_switched_off_says_so_and_catches_up(
    street: District, receiver: Receiver, open_app: Flask, superuser: psycopg.Connection
) -> None:
    with Receiver(status(500)) as failing:
        key = shop_key(street)
        made = new_endpoint(street, failing.url, key)["id"]
        watching = new_endpoint(street, receiver.url, events=["webhook_endpoint.*"])
        shop = street.shop.merchant_id
        tell(open_app, superuser, street.id, *doors(2, (shop,)))
        with at_work(open_app, street):
            assert wait_until(lambda: endpoint(street, made)["failing_since"])
            hurry(superuser, street.id, hours=25)
            assert wait_until(lambda: endpoint(street, made)["status"] == "disabled")
            tell(open_app, superuser, street.id, *doors(20, (shop,)))
            assert wait_until(lambda: len(receiver.messages) == 1)
            [message] = receiver.messages
            told = message.verified(watching["secret"])
            assert told["type"] == "webhook_endpoint.disabled"
            assert told["data"]["endpoint_id"] == made
            assert told["data"]["reason"].startswith("failing since 20")
            quiet = len(failing.messages)
            time.sleep(1)
            assert len(failing.messages) == quiet
            failing.answer = status(200)
            hurry(superuser, street.id)
            on = street.api.patch(f"{PATH}/{made}", {"status": "enabled"}, key).ok(200)
            assert (on["status"], on["failing_since"], on["disabled_reason"]) == ("enabled", None, None)
            assert wait_until(lambda: len(deliveries(street, made, key, status="delivered")) == 22)
    assert {one["status"] for one in deliveries(street, made)} == {"delivered"}


def test_a_delivery_is_replayed_under_its_old_id(
    street: District, receiver: Receiver, open_app: Flask, superuser: psycopg.Connection
) -> None:
    made = new_endpoint(street, receiver.url)["id"]
    [event] = tell(open_app, superuser, street.id, *doors(1))[-1:]
    [row] = deliveries(street, made)
    path = f"/v1/webhook-deliveries/{row['id']}/replay"
    with at_work(open_app, street):
        assert wait_until(lambda: deliveries(street, made, status="delivered"))
        replayed = street.api.post(path, None, street.key).ok(202)
        assert (replayed["status"], len(replayed["attempts"])) == ("pending", 1)
        assert wait_until(lambda: len(receiver.messages) == 2)
        assert wait_until(lambda: deliveries(street, made, status="delivered"))
    [row] = deliveries(street, made)
    assert len(row["attempts"]) == 2
    assert receiver.ids == [event] * 2
    superuser.execute("DELETE FROM outbox WHERE id = %s", (event[-32:],))
    check_problem(street.api.post(path, None, street.key), 409, "event-gone")


def test_a_delivery_that_waits_for_its_next_attempt_is_made_at_once(
    street: District, receiver: Receiver, open_app: Flask, superuser: psycopg.Connection
) -> None:
    made = new_endpoint(street, receiver.url)["id"]
    [event] = tell(open_app, superuser, street.id, *doors(1))[-1:]
    [row] = deliveries(street, made)
    superuser.execute(
        "UPDATE webhook_deliveries SET next_attempt_at = now() + interval '9 hours', tries_left = 1 WHERE id = %s",
        (row["id"][-32:],),
    )
    [waiting] = deliveries(street, made)
    replayed = street.api.post(f"/v1/webhook-deliveries/{row['id']}/replay", None, street.key).ok(202)
    assert replayed["status"] == "pending"
    assert replayed["next_attempt_at"] < waiting["next_attempt_at"]
    with at_work(open_app, street):
        assert wait_until(lambda: deliveries(street, made, status="delivered"))
    assert receiver.ids == [event]


def test_a_span_is_replayed_to_who_wants_it(
    street: District, receiver: Receiver, open_app: Flask, superuser: psycopg.Connection
) -> None:
    made = new_endpoint(street, receiver.url)["id"]
    events = tell(open_app, superuser, street.id, *doors(30))[-30:]
    with at_work(open_app, street):
        assert wait_until(lambda: len(deliveries(street, made, status="delivered")) == 30)
        late = new_endpoint(street, receiver.url, events=["door.opened"])["id"]
        receiver.messages.clear()
        for one in (made, late):
            span = {"from": ago(hours=1), "to": ahead(hours=1)}
            answer = street.api.post(f"{PATH}/{one}/replay", span, street.key).ok(202)
            assert answer == {"object": "webhook_replay", "endpoint_id": one, "deliveries": 30}
        assert wait_until(lambda: Counter(receiver.ids) == Counter(events * 2))
    nothing = {"from": ago(days=3), "to": ago(days=2)}
    assert street.api.post(f"{PATH}/{made}/replay", nothing, street.key).ok(202)["deliveries"] == 0
    assert len(rules.PAUSES) + 1 == rules.TRIES


def test_a_shop_replays_no_more_than_names_it(street: District, open_app: Flask, superuser: psycopg.Connection) -> None:
    key = shop_key(street)
    tell(open_app, superuser, street.id, *doors(4, (street.shop.merchant_id, street.other_shop.merchant_id, None)))
    made = new_endpoint(street, nowhere(), key)["id"]
    span = {"from": ago(hours=1), "to": ahead(hours=1)}
    assert street.api.post(f"{PATH}/{made}/replay", span, key).ok(202)["deliveries"] == 2


def test_deliveries_are_listed_filtered_and_paged(
    street: District, open_app: Flask, superuser: psycopg.Connection
) -> None:
    made = new_endpoint(street, nowhere())["id"]
    events = tell(open_app, superuser, street.id, *doors(6))[-6:]
    listed = deliveries(street, made)
    assert sorted(one["event_id"] for one in listed) == events
    path = f"{PATH}/{made}/deliveries"
    check_paging(street.api, path, street.key, [one["id"] for one in listed])
    [found] = deliveries(street, made, event_id=events[2])
    assert found["event_id"] == events[2]
    assert deliveries(street, made, status="failed") == []
    check_problem(street.api.get(f"{path}?status=lost", street.key), 422, "validation-failed")
    assert ids(street.api.get(f"{path}?status=pending&limit=2", street.key).ok(200)) == [
        one["id"] for one in listed[:2]
    ]


def test_nothing_of_another_district_can_be_seen_or_moved(
    street: District, district: District, open_app: Flask, superuser: psycopg.Connection
) -> None:
    made = new_endpoint(street, nowhere())["id"]
    tell(open_app, superuser, street.id, *doors(1))
    [row] = deliveries(street, made)
    before = checksums(superuser, street.id)
    span = {"from": ago(hours=1), "to": ahead(hours=1)}
    for method, path, body in (
        ("GET", f"{PATH}/{made}", None),
        ("PATCH", f"{PATH}/{made}", {"status": "disabled"}),
        ("DELETE", f"{PATH}/{made}", None),
        ("POST", f"{PATH}/{made}/rotate", {}),
        ("POST", f"{PATH}/{made}/replay", span),
        ("GET", f"{PATH}/{made}/deliveries", None),
        ("POST", f"/v1/webhook-deliveries/{row['id']}/replay", None),
    ):
        for key in (district.key, shop_key(district)):
            check_problem(district.api.call(method, path, body, key=key), 404, "not-found")
        if method != "GET":
            check_problem(street.api.call(method, path, body, key=shop_key(street)), 404, "not-found")
    after = checksums(superuser, street.id)
    assert {name: one for name, one in after.items() if name.startswith("webhook")} == {
        name: one for name, one in before.items() if name.startswith("webhook")
    }
