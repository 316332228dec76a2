"""A sandbox's test clock: what falls due on the way is done in order, and the new time holds for everything."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import psycopg
import pytest
from flask import Flask
from redis import Redis

from app.config import Settings
from app.foundation.clock import format_instant, parse_instant
from app.foundation.database import modes
from app.foundation.database.pipeline import Pipeline
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.jobs.queue import LONG, queue
from app.foundation.tenancy import system_principal
from app.points import tasks as point_tasks
from app.sandbox import walking
from app.sandbox.tasks import advance_clock, ask_waiting_advances
from app.sandbox.walking import Errand
from app.transactions.replays import services as replaying
from app.transactions.replays import writing as replay_rows
from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api, Reply
from tests.factories.books import broken
from tests.factories.clock import now
from tests.factories.codes import Phone, resolve
from tests.factories.districts import District, new_phone
from tests.factories.points import base_rule, draft
from tests.factories.processes import wait_until
from tests.factories.receivers import Receiver
from tests.factories.sandboxes import DAY, advance, ask, clock_of, new_sandbox, now_in
from tests.factories.shoppers import MEMBERSHIP, prove
from tests.factories.shoppers import ask as ask_for_code
from tests.factories.stopped import stopped
from tests.factories.tiers import name_of, new_tier, tier_events
from tests.factories.webhooks import at_work, deliveries, doors, new_endpoint, take_all, tell

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def sandbox(api: Api) -> District:
    """A sandbox at the present time."""
    return new_sandbox(api)


def events(district: District, kind: str) -> list[dict[str, Any]]:
    """What was told of a kind, oldest first."""
    rows: list[dict[str, Any]] = district.api.get(f"/v1/events?type={kind}&limit=100", district.key).ok()["data"]
    return rows[::-1]


def told_at(event: dict[str, Any]) -> datetime:
    return parse_instant(event["timestamp"])


def asked_for(district: District, settings: Settings) -> int:
    """How many jobs of its advance are in the queue."""
    jobs = queue(Redis.from_url(settings.redis_url), LONG).jobs
    return sum(job.func_name == "app.sandbox.tasks.advance_clock" and job.args == [district.id] for job in jobs)


def test_a_new_sandbox_has_everybody_s_time(sandbox: District) -> None:
    before = now()
    shown = clock_of(sandbox)
    assert before <= parse_instant(shown["now"]) <= now()
    assert shown == {
        "object": "test_clock",
        "now": shown["now"],
        "status": "ready",
        "advancing_to": None,
        "progress": None,
    }
    assert sandbox.key.startswith("sk_test_") and sandbox.shop.key.startswith("sk_test_")


def test_an_advance_is_asked_for_and_done_in_the_queue(sandbox: District, settings: Settings) -> None:
    asked = ask(sandbox, days=10).ok(202)
    assert asked["status"] == "advancing"
    goal = parse_instant(asked["progress"]["from"]) + timedelta(days=10)
    assert parse_instant(asked["advancing_to"]) == goal
    assert asked["progress"]["percent"] == 0
    assert asked_for(sandbox, settings) == 1
    assert clock_of(sandbox)["status"] == "advancing"
    assert now_in(sandbox) < goal
    assert advance_clock(sandbox.id) is True
    assert clock_of(sandbox)["status"] == "ready"
    assert goal <= now_in(sandbox) < goal + timedelta(minutes=1), "and the clock runs on"
    assert advance_clock(sandbox.id) is False, "nothing is left to do"


def test_points_end_and_are_announced_at_their_time(sandbox: District) -> None:
    member = sandbox.member()
    sale = sandbox.report(member_id=member, amount=12_800).ok(201)
    end = parse_instant(sale["expires_at"])
    advance(sandbox, to=end - timedelta(seconds=60))
    assert sandbox.balance(member)["available"] == 128
    told = events(sandbox, "points.expiring")
    assert [(one["data"]["days"], one["data"]["points"]) for one in told] == [(30, 128), (7, 128), (1, 128)]
    for one in told:
        days_before = end - timedelta(days=one["data"]["days"] + 1)
        assert days_before <= told_at(one) < days_before + timedelta(minutes=1)
    advance(sandbox, to=end)
    after = sandbox.balance(member)
    assert (after["available"], after["lifetime"]["expired"]) == (0, 128)
    [expired] = events(sandbox, "points.expired")
    assert end <= told_at(expired) < end + timedelta(minutes=1)
    rows = sandbox.api.get(f"/v1/members/{member}/points/entries", sandbox.key).ok()["data"]
    assert [row["code"] for row in rows] == ["expire", "earn"]
    assert end <= parse_instant(rows[0]["recorded_at"]) < end + timedelta(minutes=1)
    assert broken(sandbox.id) == {}


def test_a_tier_is_held_to_its_day_and_lost_then(sandbox: District) -> None:
    gold = new_tier(sandbox)
    member = sandbox.member()
    sandbox.report(member_id=member, amount=60_000).ok(201)
    advance(sandbox, days=28)
    assert name_of(sandbox, member) == "Gold"
    advance(sandbox, days=3)
    assert name_of(sandbox, member) is None
    assert tier_events(sandbox, member) == [("gained", gold, None), ("lost", gold, None)]
    assert broken(sandbox.id) == {}


def test_what_falls_due_is_done_in_the_order_of_time(sandbox: District) -> None:
    """A tier that ends after 30 days, then notices, then the end of the points, and pending points in between."""
    new_tier(sandbox)
    member = sandbox.member()
    sandbox.api.patch("/v1/programme", {"pending_days": 7}, sandbox.key).ok(200)
    sandbox.report(member_id=member, amount=60_000).ok(201)
    assert sandbox.balance(member)["pending"] == 600
    advance(sandbox, seconds=3 * 365 * DAY)
    rows = sandbox.api.get("/v1/events?limit=100", sandbox.key).ok()["data"][::-1]
    told = [row for row in rows if row["type"].startswith(("points.exp", "member.tier"))]
    assert [row["type"] for row in told] == [
        "member.tier_gained",
        "member.tier_lost",
        *["points.expiring"] * 3,
        "points.expired",
    ]
    times = [row["timestamp"] for row in told]
    assert times == sorted(times)
    assert sandbox.balance(member)["lifetime"] == {"earned": 600, "spent": 0, "expired": 600}


def test_sales_follow_the_new_time(sandbox: District) -> None:
    member = sandbox.member()
    advance(sandbox, days=100)
    sale = sandbox.report(member_id=member).ok(201)
    at = now_in(sandbox)
    for name in ("occurred_at", "recorded_at"):
        assert at - timedelta(minutes=1) < parse_instant(sale[name]) <= at
    assert parse_instant(sale["expires_at"]) > at + timedelta(days=360)
    late = sandbox.report(key=sandbox.shop.key, member_id=member, occurred_at=format_instant(now()))
    assert (late.status, late.pointers) == (422, {"/occurred_at"}), "a till's clock that stayed behind"
    batch = {"transactions": [sandbox.sale(member_id=member)]}
    [done] = sandbox.api.post("/v1/transactions/batch", batch, sandbox.key).ok(200)["results"]
    assert parse_instant(done["transaction"]["recorded_at"]) >= at


def test_another_district_s_time_is_untouched(sandbox: District, api: Api, district: District) -> None:
    other = new_sandbox(api)
    member, elsewhere = other.member(), district.member()
    advance(sandbox, days=900)
    assert abs(now_in(other) - now()) < timedelta(minutes=1)
    for place, one in ((other, member), (district, elsewhere)):
        recorded = parse_instant(place.report(member_id=one).ok(201)["recorded_at"])
        assert abs(recorded - now()) < timedelta(minutes=1)


def test_every_process_has_the_new_time_at_once(live: Api, settings: Settings) -> None:
    """Several processes answer at the address; none remembers a time."""
    sandbox = new_sandbox(live)
    member = sandbox.member()
    for _ in range(3):
        for _ in range(8):
            sandbox.report(member_id=member).ok(201)
        goal = now_in(sandbox) + timedelta(days=50)
        advance(sandbox, days=50)
        for _ in range(8):
            assert parse_instant(sandbox.report(member_id=member).ok(201)["recorded_at"]) >= goal
            assert now_in(sandbox) >= goal


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"advance_seconds": 0}, "/advance_seconds"),
        ({"advance_seconds": -5}, "/advance_seconds"),
        ({"advance_seconds": 4 * 366 * DAY}, "/advance_seconds"),
        ({"advance_seconds": 3 * 366 * DAY}, "/advance_seconds"),
        ({"advance_seconds": 1.5}, "/advance_seconds"),
        ({"advance_to": "2020-01-01T00:00:00Z"}, "/advance_to"),
        ({"advance_to": "2099-01-01T00:00:00Z"}, "/advance_to"),
        ({"advance_to": "2027-01-01"}, "/advance_to"),
        ({}, "/advance_seconds"),
        ({"advance_seconds": None, "advance_to": None}, "/advance_seconds"),
        ({"advance_seconds": 5, "advance_to": "2027-01-01T00:00:00Z"}, "/advance_to"),
        ({"seconds": 5}, "/seconds"),
    ],
    ids=str,
)
def test_backwards_too_far_and_unclear_is_refused(sandbox: District, body: dict[str, Any], pointer: str) -> None:
    refused = sandbox.api.post("/v1/test-clock", body, sandbox.key)
    assert (refused.status, refused.code) == (422, "validation-failed")
    assert pointer in refused.pointers
    assert clock_of(sandbox)["status"] == "ready"
    assert abs(now_in(sandbox) - now()) < timedelta(minutes=1)


def test_what_is_over_in_the_sandbox_is_the_past(sandbox: District) -> None:
    advance(sandbox, days=60)
    refused = ask(sandbox, to=now() + timedelta(days=59))
    assert (refused.status, refused.pointers) == (422, {"/advance_to"})


def test_no_clock_goes_beyond_2099(sandbox: District, superuser: psycopg.Connection) -> None:
    left = datetime.fromisoformat("2099-12-31T00:00:00+00:00") - now()
    advance(sandbox, seconds=1)
    superuser.execute(
        "UPDATE test_clocks SET ahead_us = %s WHERE district_id = %s",
        (left // timedelta(microseconds=1), sandbox.id[4:]),
    )
    assert (ask(sandbox, days=2).status, ask(sandbox, seconds=DAY // 2).status) == (422, 202)


def test_two_advances_at_once_are_refused(sandbox: District) -> None:
    first = ask(sandbox, days=10).ok(202)
    second = ask(sandbox, days=20)
    assert (second.status, second.code) == (409, "clock-advancing")
    assert clock_of(sandbox)["advancing_to"] == first["advancing_to"]
    advance_clock(sandbox.id)
    assert now_in(sandbox) < now() + timedelta(days=11)


def test_the_same_request_again_advances_once(sandbox: District) -> None:
    """An idempotency key lives by real time: a year in the sandbox doesn't make a retry a second advance."""
    body = {"advance_seconds": 365 * DAY}
    first = sandbox.api.post("/v1/test-clock", body, sandbox.key, "again")
    advance_clock(sandbox.id)
    from_district = now_in(sandbox)
    forget = sandbox.api.post("/v1/test-clock", body, sandbox.key, "again")
    assert (forget.status, forget.body) == (202, first.body)
    assert forget.headers["Idempotent-Replayed"] == "true"
    assert clock_of(sandbox)["status"] == "ready"
    assert now_in(sandbox) < from_district + timedelta(minutes=1)


def test_a_walker_that_is_killed_is_followed_by_another(
    sandbox: District, settings: Settings, superuser: psycopg.Connection
) -> None:
    member = sandbox.member()
    sale = sandbox.report(member_id=member).ok(201)
    ask(sandbox, days=400).ok(202)
    with stopped(settings, "walker_process", sandbox.id):
        pass
    half = clock_of(sandbox)
    assert (half["status"], 0 < half["progress"]["percent"] < 100) == ("advancing", True)
    reached = now_in(sandbox)
    recorded = parse_instant(sandbox.report(member_id=member, amount=0).ok(201)["recorded_at"])
    assert recorded >= reached, "meanwhile sales are recorded at the time reached"
    ask_waiting_advances()
    assert (advance_clock(sandbox.id), asked_for(sandbox, settings)) == (False, 1), "it may live still"
    superuser.execute(
        "UPDATE test_clocks SET alive_at = alive_at - interval '2 minutes' WHERE district_id = %s", (sandbox.id[4:],)
    )
    ask_waiting_advances()
    assert asked_for(sandbox, settings) == 2
    assert advance_clock(sandbox.id) is True
    assert clock_of(sandbox)["status"] == "ready"
    assert now_in(sandbox) >= parse_instant(half["advancing_to"])
    assert [one["data"]["days"] for one in events(sandbox, "points.expiring")] == [30, 7, 1]
    [expired] = events(sandbox, "points.expired")
    assert told_at(expired) - parse_instant(sale["expires_at"]) < timedelta(minutes=5)
    assert broken(sandbox.id) == {}


def test_a_walker_thought_dead_stops_when_it_is_not(
    sandbox: District, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.report(member_id=sandbox.member()).ok(201)

    def replaced(district_id: str) -> int:
        query = "UPDATE test_clocks SET walker = gen_random_uuid() WHERE district_id = %s"
        return superuser.execute(query, (district_id[4:],)).rowcount

    monkeypatch.setattr(walking, "ERRANDS", [Errand(replaced, lambda uow: None)])
    ask(sandbox, days=400).ok(202)
    assert advance_clock(sandbox.id) is False
    assert clock_of(sandbox)["status"] == "advancing"
    assert now_in(sandbox) < now() + timedelta(minutes=1)


def test_an_errand_that_fails_holds_up_neither_the_others_nor_the_clock(
    sandbox: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = sandbox.member()
    sandbox.report(member_id=member).ok(201)

    def fails(district_id: str) -> int:
        raise RuntimeError("broken")

    errands = [Errand(fails, lambda uow: uow.now + timedelta(days=90)), *walking.ERRANDS]
    monkeypatch.setattr(walking, "ERRANDS", errands)
    ask(sandbox, days=400).ok(202)
    with pytest.raises(RuntimeError, match="broken"):
        advance_clock(sandbox.id)
    assert clock_of(sandbox)["status"] == "ready"
    assert len(events(sandbox, "points.expired")) == 1


def test_jobs_of_the_timetable_follow_the_district_s_time(sandbox: District, superuser: psycopg.Connection) -> None:
    member = sandbox.member()
    sandbox.report(member_id=member).ok(201)
    superuser.execute(
        "INSERT INTO test_clocks (district_id, ahead_us, alive_at) VALUES (%s, %s, now())",
        (sandbox.id[4:], 400 * DAY * 1_000_000),
    )
    point_tasks.expire_points()
    assert sandbox.balance(member)["lifetime"]["expired"] == 128


def key_of_phone(sandbox: District, token: str) -> tuple[Phone, int]:
    """The phone's key of codes, and what time it has from the answer, in seconds since 1970."""
    reply = sandbox.api.get("/v1/me/code-key", token)
    told = reply.ok(200)
    seconds = int(parsedate_to_datetime(reply.headers["Date"]).timestamp())
    return Phone(told["member_id"], told["number"], told["key"]), seconds


def inbox(sandbox: District, phone: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = sandbox.api.get(f"/v1/test-inbox?phone={phone}", sandbox.key).ok(200)["data"]
    return rows


def test_sign_in_and_member_codes_work_after_a_year(sandbox: District) -> None:
    phone = new_phone()
    before = prove(sandbox, ask_for_code(sandbox, phone), inbox(sandbox, phone)[0]["code"], consents=[MEMBERSHIP]).ok()
    sandbox.api.get("/v1/me", before["access_token"]).ok(200)
    old_challenge = ask_for_code(sandbox, phone)
    [old, _] = inbox(sandbox, phone)
    advance(sandbox, days=365)
    assert sandbox.api.get("/v1/me", before["access_token"]).status == 401, "it was good for an hour"
    refresh = sandbox.api.post("/v1/auth/refresh", {"refresh_token": before["refresh_token"]}, None)
    assert (refresh.status, refresh.code) == (401, "session-over")
    assert inbox(sandbox, phone) == []
    assert prove(sandbox, old_challenge, old["code"]).code == "invalid-code"
    challenge = ask_for_code(sandbox, phone)
    [told] = inbox(sandbox, phone)
    assert told["phone"] == f"+86{phone}"
    tokens = prove(sandbox, challenge, told["code"], consents=[MEMBERSHIP]).ok(200)
    assert tokens["member_id"] != before["member_id"], "a number unused for so long is somebody else's"
    sandbox.api.get("/v1/me", tokens["access_token"]).ok(200)
    own, seconds = key_of_phone(sandbox, tokens["access_token"])
    assert resolve(sandbox, own.code()).status in (404, 410), "a phone that goes by the wrong clock"
    resolved = resolve(sandbox, own.code_at(seconds)).ok(200)
    assert resolved["member"]["id"] == tokens["member_id"]
    sale = sandbox.report(key=sandbox.shop.key, presence_token=resolved["presence_token"]).ok(201)
    assert sale["member_id"] == tokens["member_id"]


def test_keys_end_by_the_clock_of_their_district(sandbox: District) -> None:
    ends = {"expires_at": format_instant(now() + timedelta(days=30))}
    key = sandbox.merchant_key(sandbox.shop, **ends)
    old = sandbox.merchant_key(sandbox.shop)
    [listed, *_] = sandbox.api.get("/v1/api-keys", sandbox.key).ok()["data"]
    new = sandbox.api.post(f"/v1/api-keys/{listed['id']}/rotate", {}, sandbox.key).ok(200)["secret"]
    for one in (key, old, new):
        sandbox.report(key=one).ok(201)
    advance(sandbox, days=31)
    assert [sandbox.report(key=one).status for one in (key, old, new)] == [401, 401, 201]


def test_a_birthday_of_the_new_time_is_none_of_the_future(sandbox: District) -> None:
    born = (now() + timedelta(days=200)).date().isoformat()
    refused = sandbox.api.post("/v1/members", {"phone": new_phone(), "birthday": born}, sandbox.key)
    assert (refused.status, refused.pointers) == (422, {"/birthday"})
    advance(sandbox, days=300)
    member = sandbox.member(birthday=born)
    changed = {"birthday": (now() + timedelta(days=299)).date().isoformat()}
    assert sandbox.api.patch(f"/v1/members/{member}", changed, sandbox.key).ok(200)["birthday"] == changed["birthday"]


def test_the_audit_log_tells_who_moved_the_clock(sandbox: District) -> None:
    ask(sandbox, days=5).ok(202)
    [entry] = sandbox.api.get("/v1/audit-entries?action=test_clock.advanced", sandbox.key).ok()["data"]
    assert (entry["subject"]["id"], entry["details"]) == (sandbox.id, {"advance_seconds": 5 * DAY})


def test_what_the_operator_does_there_is_of_the_sandbox_s_time(sandbox: District, app: Flask) -> None:
    advance(sandbox, days=300)
    sandbox.api.patch(f"/v1/districts/{sandbox.id}", {"name": "新名"}, sandbox.api.operator_key).ok(200)
    [entry] = sandbox.api.get("/v1/audit-entries?action=district.changed", sandbox.key).ok()["data"]
    assert parse_instant(entry["recorded_at"]) > now() + timedelta(days=299)


def test_webhooks_of_a_sandbox_leave_at_once_signed_with_real_time(
    open_app: Flask, superuser: psycopg.Connection
) -> None:
    """Its year ahead neither holds them back nor makes them too new for a receiver; the event tells the sandbox's time."""
    street = new_sandbox(Api.inside(open_app, OPERATOR_KEY))
    with Receiver() as receiver, open_app.app_context():
        advance(street, days=365)
        take_all(open_app, superuser, street.id)
        made = new_endpoint(street, receiver.url)
        [event] = tell(open_app, superuser, street.id, *doors(1))
        with at_work(open_app, street):
            assert wait_until(lambda: receiver.messages)
            assert wait_until(lambda: deliveries(street, made["id"], status="delivered"))
        [message] = receiver.messages
    body = message.verified(made["secret"])
    assert body["id"] == event
    assert parse_instant(body["timestamp"]) - now() > timedelta(days=364)
    [delivery] = deliveries(street, made["id"])
    assert abs(parse_instant(delivery["attempts"][0]["attempted_at"]) - now()) < timedelta(minutes=1)


def test_a_replay_of_rules_outlives_an_advance(sandbox: District) -> None:
    """Its sign of life is of real time: a year in the sandbox doesn't make it dead."""
    sandbox.report(member_id=sandbox.member()).ok(201)
    rules = draft(sandbox, base_rule()).ok(201)["id"]
    period = {"from": format_instant(now() - timedelta(days=1)), "to": format_instant(now() + timedelta(days=1))}
    asked = sandbox.api.post(f"/v1/rule-sets/{rules}/replay", period, sandbox.key).ok(202)
    with unit_of_work(system_principal(sandbox.id)) as uow:
        assert replay_rows.claim_replay(uow, asked["id"], uow.real_now - replaying.DEAD_AFTER) is not None
    advance(sandbox, days=365)
    assert replaying.waiting(sandbox.id) == []


def test_a_live_sale_pays_nothing_for_the_clock(
    sandbox: District, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that knows a district goes there and back as often as ever; only a sandbox's sales ask for the time."""
    sent: list[list[bytes]] = []
    exchange = Pipeline._exchange

    def counted(self: Pipeline, statements: Any) -> Any:
        sent.append([one.text for one in statements])
        return exchange(self, statements)

    members = {place.id: place.member() for place in (district, sandbox)}
    for place in (district, sandbox):
        place.report(member_id=members[place.id]).ok(201)
    monkeypatch.setattr(Pipeline, "_exchange", counted)
    trips = []
    for place in (district, sandbox):
        sent.clear()
        place.report(member_id=members[place.id]).ok(201)
        trips.append(len(sent))
        assert any(b"enter_district" in text for texts in sent for text in texts) == (place is sandbox)
    assert trips[1] == trips[0]


def test_a_process_that_believes_in_an_older_time_does_its_sale_again(sandbox: District) -> None:
    """It heard the time before another process moved the clock: what it records, and refuses, is of the new one."""
    member = sandbox.member()
    sandbox.report(member_id=member).ok(201)
    advance(sandbox, days=30)
    at = now_in(sandbox)
    modes.remember(sandbox.id, modes.SANDBOX, 0)
    sold = sandbox.report(member_id=member).ok(201)
    assert parse_instant(sold["recorded_at"]) >= at
    modes.remember(sandbox.id, modes.SANDBOX, 0)
    lately = format_instant(at - timedelta(minutes=1))
    assert sandbox.report(member_id=member, occurred_at=lately).ok(201)["occurred_at"] == lately


def begin(sandbox: District, at: datetime) -> Reply:
    return sandbox.api.post("/v1/test-clock", {"begin_at": format_instant(at)}, sandbox.key)


def test_a_new_sandbox_may_begin_in_the_past(sandbox: District) -> None:
    """Its history is told from there, and the clock brought to the present; once somebody has joined it only goes forwards."""
    start = now() - timedelta(days=500)
    assert ask(sandbox, to=start).pointers == {"/advance_to"}
    assert parse_instant(begin(sandbox, start).ok(202)["now"]) == start
    assert abs(now_in(sandbox) - start) < timedelta(minutes=1)
    refused = begin(sandbox, now() - timedelta(days=4 * 366))
    assert (refused.status, refused.pointers) == (422, {"/begin_at"})
    member = sandbox.member()
    sale = sandbox.report(member_id=member, amount=10_000).ok(201)
    assert parse_instant(sale["recorded_at"]) - start < timedelta(minutes=1)
    refused = begin(sandbox, start - timedelta(days=1))
    assert (refused.status, refused.pointers) == (422, {"/begin_at"})
    advance(sandbox, to=now())
    assert abs(now_in(sandbox) - now()) < timedelta(minutes=1)
    assert broken(sandbox.id) == {}
