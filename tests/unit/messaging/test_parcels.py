"""What is due is taken under a lease, and what came of it is noted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from flask import Flask

from app.foundation.clock import utc_now
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.messaging import parcels, queries, rules
from app.messaging.parcels import Parcel
from app.messaging.sending import Sent
from tests.factories.districts import District
from tests.factories.webhooks import deliveries, doors, endpoint, new_endpoint, nowhere, tell

pytestmark = pytest.mark.usefixtures("context")
LEASE = timedelta(minutes=1)
GOOD = Sent(12, 200, answer={"content_type": "text/plain", "body": "ok"})
BAD = Sent(34, 500)


@pytest.fixture
def made(street: District, open_app: Flask, superuser: psycopg.Connection) -> str:
    """An endpoint to which five deliveries are due."""
    made = new_endpoint(street, nowhere())["id"]
    tell(open_app, superuser, street.id, *doors(5))
    return str(made)


def claim(district: District, endpoint_id: str, most: int = 100, later: timedelta = timedelta()) -> list[Parcel]:
    """Takes what is due at an instant."""
    with unit_of_work(system_principal(district.id), clock=lambda: utc_now() + later) as uow:
        return parcels.claim(uow, queries.find_endpoint(uow, endpoint_id), most, LEASE)


def note(district: District, endpoint_id: str, sent: Sent, taken: list[Parcel], later: timedelta = timedelta()) -> None:
    """All of these ended so."""
    with unit_of_work(system_principal(district.id), clock=lambda: utc_now() + later) as uow:
        parcels.note_outcomes(uow, queries.find_endpoint(uow, endpoint_id, lock=True), [(one, sent) for one in taken])


def test_a_parcel_has_one_courier_until_its_lease_ends(street: District, made: str) -> None:
    first, second = claim(street, made, 3), claim(street, made, 3)
    assert (len(first), len(second), claim(street, made)) == (3, 2, [])
    again = claim(street, made, later=LEASE + timedelta(seconds=1))
    assert {one.id for one in again} == {one.id for one in (*first, *second)}


def test_two_couriers_at_one_time_take_different_parcels(street: District, made: str) -> None:
    with unit_of_work(system_principal(street.id)) as uow:
        first = parcels.claim(uow, queries.find_endpoint(uow, made), 3, LEASE)
        second = claim(street, made)
    assert len({one.id for one in (*first, *second)}) == 5


def test_what_is_given_back_is_due_at_once(street: District, made: str) -> None:
    taken = claim(street, made)
    with unit_of_work(system_principal(street.id)) as uow:
        parcels.release(uow, taken[:2])
    assert {one.id for one in claim(street, made)} == {one.id for one in taken[:2]}


@pytest.mark.parametrize("status", ["disabled", "deleted"])
def test_nothing_is_taken_for_an_endpoint_that_is_not_in_use(
    street: District, made: str, superuser: psycopg.Connection, status: str
) -> None:
    with unit_of_work(system_principal(street.id)) as uow:
        found = queries.find_endpoint(uow, made)
        superuser.execute("UPDATE webhook_endpoints SET status = %s WHERE id = %s", (status, made[-32:]))
        uow.session.refresh(found)
        assert parcels.claim(uow, found, 10, LEASE) == []


def test_success_is_the_end_of_it(street: District, made: str) -> None:
    note(street, made, GOOD, claim(street, made))
    assert claim(street, made, later=timedelta(days=2)) == []
    for one in deliveries(street, made):
        assert (one["status"], one["next_attempt_at"]) == ("delivered", None)
        [attempt] = one["attempts"]
        assert (attempt["status_code"], attempt["error"], attempt["duration_ms"]) == (200, None, 12)
        assert attempt["answer"] == GOOD.answer


def test_a_delivery_fails_for_a_day_and_is_given_up(street: District, made: str) -> None:
    later, waits = timedelta(), []
    for number in range(rules.TRIES):
        [taken, *_] = claim(street, made, 1, later)
        note(street, made, BAD, [taken], later)
        [row] = [one for one in deliveries(street, made) if one["id"] == taken.id]
        assert len(row["attempts"]) == number + 1
        if row["next_attempt_at"] is None:
            break
        waits.append(datetime.fromisoformat(row["next_attempt_at"]) - datetime.now(UTC) - later)
        later += waits[-1] + timedelta(seconds=1)
        with unit_of_work(system_principal(street.id)) as uow:  # the others wait for longer
            uow.execute(
                "UPDATE webhook_deliveries SET next_attempt_at = now() + '1 year' WHERE id <> %s", (taken.id[-32:],)
            )
    assert row["status"] == "failed"
    assert [round(wait / pause, 1) for wait, pause in zip(waits, rules.PAUSES, strict=True)] == pytest.approx(
        [1.1] * len(rules.PAUSES), abs=0.12
    )
    assert sum(waits, timedelta()) > timedelta(days=1)
    assert endpoint(street, made)["status"] == "disabled"


def test_a_late_failure_undoes_no_success(street: District, made: str) -> None:
    """The first courier was so slow that its lease ended; another has delivered meanwhile."""
    slow = claim(street, made)
    note(street, made, GOOD, claim(street, made, later=LEASE * 2))
    note(street, made, BAD, slow)
    assert {one["status"] for one in deliveries(street, made)} == {"delivered"}
    assert {len(one["attempts"]) for one in deliveries(street, made)} == {2}


def test_a_late_success_ends_the_retries(street: District, made: str) -> None:
    slow = claim(street, made)
    note(street, made, BAD, claim(street, made, later=LEASE * 2))
    note(street, made, GOOD, slow)
    assert {one["status"] for one in deliveries(street, made)} == {"delivered"}


def test_an_event_that_is_no_longer_kept_is_given_up(
    street: District, made: str, superuser: psycopg.Connection
) -> None:
    superuser.execute("DELETE FROM outbox WHERE district_id = %s AND type = 'door.opened'", (street.id[-32:],))
    assert claim(street, made) == []
    assert {one["status"] for one in deliveries(street, made)} == {"failed"}


@pytest.mark.parametrize(("hours", "status"), [(23.9, "enabled"), (24.1, "disabled")])
def test_who_fails_for_a_day_without_a_success_is_switched_off(
    street: District, made: str, hours: float, status: str
) -> None:
    [first, second, third, *_] = claim(street, made)
    note(street, made, BAD, [first])
    assert endpoint(street, made)["failing_since"] is not None
    note(street, made, BAD, [second], timedelta(hours=hours))
    found = endpoint(street, made)
    assert found["status"] == status
    assert (found["disabled_reason"] or "").startswith("failing since" if status == "disabled" else "")
    told = street.api.get("/v1/events?type=webhook_endpoint.disabled", street.key).ok(200)["data"]
    assert [one["data"]["endpoint_id"] for one in told] == ([made] if status == "disabled" else [])
    note(street, made, BAD, [third], timedelta(hours=hours + 1))
    again = street.api.get("/v1/events?type=webhook_endpoint.disabled", street.key).ok(200)["data"]
    assert len(again) == 1


def test_one_success_begins_the_day_anew(street: District, made: str) -> None:
    [first, second, third, fourth, _] = claim(street, made)
    note(street, made, BAD, [first])
    with unit_of_work(system_principal(street.id)) as uow:
        found = queries.find_endpoint(uow, made, lock=True)
        parcels.note_outcomes(uow, found, [(second, BAD), (third, GOOD)])
        assert found.failing_since is None
    note(street, made, BAD, [fourth], timedelta(hours=30))
    assert endpoint(street, made)["status"] == "enabled"


def test_the_log_is_short_and_holds_no_secret(street: District, open_app: Flask, superuser: psycopg.Connection) -> None:
    made = new_endpoint(street, nowhere())
    tell(open_app, superuser, street.id, *doors(1))
    superuser.execute(
        "UPDATE outbox SET payload = jsonb_build_object('long', repeat('é', 5000)) "
        "WHERE district_id = %s AND type = 'door.opened'",
        (street.id[-32:],),
    )
    taken = claim(street, made["id"])
    assert len(taken[0].body) > 10_000
    note(street, made["id"], Sent(1, None, 'a "quoted" \\ error', None), taken)
    [row] = deliveries(street, made["id"])
    [attempt] = row["attempts"]
    assert attempt["error"] == 'a "quoted" \\ error'
    assert len(attempt["request"]["body"]) == rules.MOST_KEPT + 1
    assert set(attempt["request"]) == {"url", "headers", "body"}
    assert attempt["request"]["headers"]["webhook-id"] == row["event_id"]
    logged = str(
        superuser.execute("SELECT * FROM webhook_attempts WHERE delivery_id = %s", (row["id"][-32:],)).fetchall()
    )
    assert made["secret"] not in logged
    assert made["secret"].removeprefix("whsec_") not in logged


def test_an_event_tells_the_same_in_lists_and_in_webhooks(street: District, made: str) -> None:
    bodies = {one.headers["webhook-id"]: one.body.decode() for one in claim(street, made)}
    listed = street.api.get("/v1/events?type=door.opened", street.key).ok(200)["data"]
    assert {one["id"] for one in listed} == set(bodies)
    for one in listed:
        assert f'"timestamp":"{one["timestamp"]}"' in bodies[one["id"]]
        assert set(one) == {"object", "id", "type", "timestamp", "district_id", "data"}


def test_nobody_else_s_deliveries_are_touched(street: District, other_district: District, made: str) -> None:
    taken = claim(street, made)
    with unit_of_work(system_principal(other_district.id)) as uow:
        parcels.release(uow, taken)
        assert queries.attempts_of(uow, [one.id for one in taken]) == {}
    assert claim(street, made) == []
