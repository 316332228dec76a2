"""Told to stop, every process finishes what is in flight and ends in peace; nothing new is begun."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import httpx
import psycopg
import pytest
from flask import Flask
from redis import Redis

from app.config import Settings
from app.foundation.jobs.queue import LONG, QUEUE, URGENT, queue
from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api
from tests.factories.districts import District
from tests.factories.locks import held, somebody_waits
from tests.factories.processes import PATIENCE_SECONDS, listeners, wait_until
from tests.factories.running import Meanwhile, Running

pytestmark = pytest.mark.xdist_group("stopping")
PATIENT = {"LOCK_TIMEOUT_MS": "30000"}
ALONE = {"LOG_LEVEL": "debug", "WEBHOOK_TIMEOUT_SECONDS": "1"}
"""What other tests have left to deliver is soon given up."""
HELD_SECONDS = 1.5


def empty_queues(settings: Settings) -> None:
    """What other tests have left there would be done first."""
    with Redis.from_url(settings.redis_url) as connection:
        for name in (URGENT, QUEUE, LONG):
            queue(connection, name).empty()


@pytest.fixture
def owner(settings: Settings) -> str:
    return settings.owner_url


def test_the_web_server_finishes_requests_in_flight(
    app: Flask, settings: Settings, owner: str, superuser: psycopg.Connection, district: District
) -> None:
    with Running("web", settings, PATIENT) as web:
        web.wait_for(f"{web.url}/readyz")
        assert wait_until(lambda: listeners(web.port) == 2)  # a worker that only starts hears no signal
        street = District(
            Api.over_http(web.url, OPERATOR_KEY), district.id, district.key, district.shop, district.other_shop
        )
        with held(owner, "transactions"):
            sales = [Meanwhile(lambda number=number: street.report(reference=f"S{number}")) for number in range(6)]
            batch = Meanwhile(
                lambda: street.api.post("/v1/transactions/batch", {"transactions": [street.sale()]}, street.key)
            )
            assert wait_until(lambda: somebody_waits(superuser))
            time.sleep(0.3)
            web.process.send_signal(signal.SIGTERM)
            time.sleep(HELD_SECONDS)
            assert web.process.poll() is None
            with pytest.raises(httpx.HTTPError):
                httpx.get(f"{web.url}/healthz", timeout=1)
        assert [sale.wait().status for sale in sales] == [201] * 6
        assert batch.wait().ok(200)["results"][0]["status"] == 201
        assert web.process.wait(PATIENCE_SECONDS) == 0
        assert [line["level"] for line in web.lines() if line["level"] not in ("info", "warning")] == []
    assert len(district.api.get("/v1/transactions", district.key).ok()["data"]) == 7


def test_the_worker_finishes_its_job(
    app: Flask, settings: Settings, owner: str, superuser: psycopg.Connection, district: District
) -> None:
    district.report().ok(201)
    taken = "SELECT count(*) FROM outbox WHERE district_id = %s AND NOT is_taken"
    rows = superuser.execute("SELECT id FROM outbox WHERE district_id = %s", (district.id[4:],)).fetchall()
    empty_queues(settings)
    with Redis.from_url(settings.redis_url) as connection, Running("worker", settings, PATIENT) as worker:
        jobs = queue(connection)
        with held(owner, "outbox"):
            job = jobs.enqueue("app.foundation.tasks.take_events", district.id, [one.hex for (one,) in rows])
            later = jobs.enqueue("app.foundation.tasks.add_outbox_days")
            assert wait_until(lambda: somebody_waits(superuser)), worker.said()
            worker.process.send_signal(signal.SIGTERM)
            time.sleep(HELD_SECONDS)
            assert worker.process.poll() is None, worker.said()
        assert worker.process.wait(PATIENCE_SECONDS) == 0
        assert superuser.execute(taken, (district.id[4:],)).fetchone() == (0,)
        assert job.get_status(refresh=True) != "failed"
        assert later.get_status(refresh=True) == "queued"
        later.delete()


@pytest.mark.parametrize("name", ["relay", "courier", "scheduler", "metrics", "worker", "urgent", "long"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_has_nothing_to_do_ends_at_once(app: Flask, settings: Settings, name: str, number: signal.Signals) -> None:
    empty_queues(settings)
    with Running(name, settings, ALONE) as running:
        assert wait_until(lambda: catches(running)), running.said()
        time.sleep(0.5)
        running.process.send_signal(number)
        assert running.process.wait(PATIENCE_SECONDS) == 0, running.said()
        assert [line for line in running.lines() if line["level"] in ("error", "critical")] == []


def catches(running: Running) -> bool:
    """Whether a process has said what it does at SIGTERM (Python itself catches SIGINT from the start)."""
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    [mask] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")]
    return bool(int(mask, 16) >> (signal.SIGTERM - 1) & 1)
