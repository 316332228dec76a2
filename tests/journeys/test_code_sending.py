"""Codes leave after the commit, from a job that knows no phone; what is lost on the way is sent nevertheless, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from flask import Flask
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from app.config import Settings
from app.factory import create_app
from app.foundation.jobs import queue as foundation_queue
from app.foundation.jobs.queue import URGENT, queue
from app.signin import tasks
from app.signin.sms_codes.rules import challenge_of
from app.signin.sms_codes.services import MOST_SENDS
from app.sms.inbox import Inbox
from app.sms.port import NotSent
from tests.factories.api import Api
from tests.factories.clock import now
from tests.factories.districts import District, new_district, new_phone
from tests.factories.shoppers import MEMBERSHIP, ask, code_of, prove, sign_in

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def jobs(settings: Settings) -> Iterator[Queue]:
    """The urgent queue, empty."""
    connection = Redis.from_url(settings.redis_url)
    found = queue(connection, URGENT)
    found.empty()
    yield found
    found.empty()
    connection.close()


@pytest.fixture
def inbox(settings: Settings) -> Inbox:
    return Inbox(settings.sms_inbox_file)


def work(jobs: Queue) -> None:
    SimpleWorker([jobs], connection=jobs.connection, serializer=JSONSerializer).work(burst=True)


def codes_to(inbox: Inbox, phone: str) -> list[str]:
    return [one["code"] for one in inbox.newest(phone)]


def test_a_code_comes_by_a_job_that_knows_no_phone(district: District, jobs: Queue, inbox: Inbox) -> None:
    phone = new_phone()
    challenge = ask(district, phone)
    [job] = jobs.jobs
    assert (job.func_name, len(job.args)) == ("app.signin.tasks.send_code", 2)
    kept = jobs.connection.hgetall(f"rq:job:{job.id}")
    assert phone not in str(kept)
    assert code_of(challenge) not in str(kept)
    work(jobs)
    [code] = codes_to(inbox, phone)
    prove(district, challenge, code, consents=[MEMBERSHIP]).ok(200)


def test_a_replayed_answer_sends_nothing_again(district: District, jobs: Queue) -> None:
    body = {"district": district.id, "phone": new_phone()}
    for _ in range(2):
        district.api.post("/v1/auth/codes", body, None, "k").ok(202)
    assert jobs.count == 1


def test_a_refused_call_sends_nothing(district: District, jobs: Queue) -> None:
    district.api.post("/v1/auth/codes", {"district": district.id, "phone": "010-12345678"}, None)
    assert jobs.count == 0


def test_a_job_done_twice_sends_once(district: District, jobs: Queue, inbox: Inbox) -> None:
    phone = new_phone()
    challenge = challenge_of(ask(district, phone))
    assert challenge is not None
    assert [tasks.send_code(*challenge) for _ in range(3)] == [True, False, False]
    work(jobs)
    assert len(codes_to(inbox, phone)) == 1


def test_what_the_queue_has_lost_is_sent_nevertheless(district: District, jobs: Queue, inbox: Inbox) -> None:
    phone = new_phone()
    challenge = ask(district, phone)
    jobs.empty()
    assert tasks.send_waiting_codes() >= 1
    assert codes_to(inbox, phone) == [code_of(challenge)]
    tasks.send_waiting_codes()
    assert len(codes_to(inbox, phone)) == 1


def test_while_the_queue_is_away_codes_are_asked_for_and_come_later(
    settings: Settings, inbox: Inbox, context: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    district = new_district(Api.inside(create_app(settings), settings.operator_key))
    away = queue(Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.2), URGENT)
    monkeypatch.setattr(foundation_queue, "queue", lambda client, name: away)
    phone = new_phone()
    challenge = ask(district, phone)
    tasks.send_waiting_codes()
    assert codes_to(inbox, phone) == [code_of(challenge)]


class Failing:
    """A way to send on which nothing leaves."""

    def __init__(self, *, may_pass: bool) -> None:
        self.tries = 0
        self._may_pass = may_pass

    def send_code(self, phone: str, code: str) -> None:
        self.tries += 1
        raise NotSent("isp.SYSTEM_ERROR", may_pass=self._may_pass)


@pytest.mark.parametrize(("may_pass", "tries"), [(True, MOST_SENDS), (False, 1)])
def test_what_fails_is_tried_again_within_bounds(
    district: District, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, may_pass: bool, tries: int
) -> None:
    sender = Failing(may_pass=may_pass)
    monkeypatch.setattr("app.sms.sender.sender_for", lambda settings, is_sandbox: sender)
    challenge = challenge_of(ask(district, new_phone()))
    assert challenge is not None
    tasks.send_code(*challenge)
    for _ in range(5):
        superuser.execute(
            "UPDATE sign_in_challenges SET send_at = now() WHERE district_id = %s AND send_at IS NOT NULL",
            (district.id[-32:],),
        )
        tasks.send_code(*challenge)
    assert sender.tries == tries


def test_a_code_that_is_over_is_not_sent(district: District, superuser: psycopg.Connection, inbox: Inbox) -> None:
    phone = new_phone()
    challenge = challenge_of(ask(district, phone))
    assert challenge is not None
    superuser.execute("UPDATE sign_in_challenges SET expires_at = now() WHERE id = %s", (challenge.id[-32:],))
    assert not tasks.send_code(*challenge)
    assert codes_to(inbox, phone) == []


def test_a_failed_job_tells_no_phone(
    app: Flask, district: District, jobs: Queue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("app.sms.sender.sender_for", lambda settings, is_sandbox: Failing(may_pass=True))
    phone = new_phone()
    ask(district, phone)
    work(jobs)
    assert "a sign-in code was not sent" in caplog.text
    assert phone not in caplog.text + str([record.__dict__ for record in caplog.records])


def test_what_is_over_is_forgotten(district: District, superuser: psycopg.Connection) -> None:
    kept, gone = sign_in(district), sign_in(district)
    long_ago = now() - timedelta(days=400)
    superuser.execute(
        "UPDATE sessions SET used_at = %(at)s, expires_at = %(at)s WHERE member_id = %(member)s",
        {"at": long_ago, "member": gone["member_id"][-32:]},
    )
    superuser.execute(
        "UPDATE sign_in_challenges SET expires_at = %s WHERE district_id = %s", (long_ago, district.id[-32:])
    )
    assert tasks.forget_old_sign_ins() >= 3
    values = (district.id[-32:],)
    left = superuser.execute("SELECT member_id FROM sessions WHERE district_id = %s", values).fetchall()
    assert [str(one).replace("-", "") for (one,) in left] == [kept["member_id"][-32:]]
    for table, count in (("session_tokens", 1), ("sign_in_challenges", 0)):
        found = superuser.execute(f"SELECT count(*) FROM {table} WHERE district_id = %s", values).fetchone()
        assert found == (count,), table
    assert district.api.get("/v1/me", kept["access_token"]).ok(200)["id"] == kept["member_id"]
