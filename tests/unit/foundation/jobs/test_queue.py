"""Jobs as JSON in Valkey, done by RQ's own worker."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from flask import Flask
from redis import Redis
from rq import Queue, SimpleWorker
from rq.cron import CronJob
from rq.job import JobStatus
from rq.serializers import JSONSerializer

from app.config import Settings
from app.districts.tasks import forget_old_answers
from app.foundation.jobs.queue import JOB_SECONDS, QUEUE, _JsonCronJob, queue
from app.foundation.tasks import add_outbox_days
from app.wiring import TIMETABLE
from tests.conftest import environment_of
from tests.factories.clock import now
from tests.factories.districts import District
from tests.factories.foundation import kept
from tests.factories.processes import PATIENCE_SECONDS, wait_until


@pytest.fixture
def jobs(settings: Settings) -> Iterator[Queue]:
    """The queue, empty."""
    connection = Redis.from_url(settings.redis_url)
    found = queue(connection)
    found.empty()
    yield found
    found.empty()
    connection.close()


def do_all(app: Flask, jobs: Queue) -> None:
    """Does what is in the queue, in this process."""
    with app.app_context():
        SimpleWorker([jobs], connection=jobs.connection, serializer=JSONSerializer).work(burst=True)


def old_answer(district: District, superuser: psycopg.Connection) -> None:
    district.report(idempotency_key="old").ok(201)
    superuser.execute(
        "UPDATE idempotency_keys SET recorded_at = %s WHERE district_id = %s",
        (now() - timedelta(days=2), district.id[4:]),
    )


def test_a_job_is_its_name_and_json(jobs: Queue) -> None:
    job = jobs.enqueue(add_outbox_days)
    assert job.func_name == "app.foundation.tasks.add_outbox_days"
    assert job.timeout == JOB_SECONDS
    data = jobs.connection.hget(job.key, "data")
    assert isinstance(data, bytes)
    assert json.loads(zlib.decompress(data)) == [job.func_name, None, [], {}]
    assert jobs.name == QUEUE


def test_a_job_is_done(app: Flask, jobs: Queue, district: District, superuser: psycopg.Connection) -> None:
    old_answer(district, superuser)
    job = jobs.enqueue(forget_old_answers)
    do_all(app, jobs)
    assert job.get_status() == JobStatus.FINISHED
    assert kept(superuser, district.id) == []


def test_a_job_that_fails_is_kept_to_be_looked_at(app: Flask, jobs: Queue) -> None:
    job = jobs.enqueue("app.foundation.tasks.no_such_job")
    do_all(app, jobs)
    assert job.get_status() == JobStatus.FAILED
    assert job.id in jobs.failed_job_registry.get_job_ids()
    jobs.failed_job_registry.remove(job.id, delete_job=True)


def test_the_timetable_s_jobs_are_put_into_the_queue_as_json(app: Flask, jobs: Queue) -> None:
    put = [_JsonCronJob(QUEUE, func=job, cron=when).enqueue(jobs.connection) for job, when in TIMETABLE]
    assert [job.func_name for job in put] == [f"{job.__module__}.{job.__name__}" for job, _ in TIMETABLE]
    assert jobs.get_job_ids() == [job.id for job in put]
    do_all(app, jobs)
    assert jobs.get_job_ids() == []
    assert jobs.failed_job_registry.get_job_ids() == []


def test_the_timetable_runs_tasks_of_rooms_at_times_that_come() -> None:
    for job, when in TIMETABLE:
        assert job.__module__.startswith("app.")
        assert job.__module__.endswith(".tasks")
        following = CronJob(QUEUE, func=job, cron=when).get_next_enqueue_time()
        assert following.timestamp() - time.time() <= 24 * 3600


def test_the_product_s_worker_does_jobs(
    jobs: Queue, settings: Settings, district: District, superuser: psycopg.Connection
) -> None:
    old_answer(district, superuser)
    with subprocess.Popen([sys.executable, "-m", "app.cli", "worker"], env=environment_of(settings)) as worker:
        try:
            job = jobs.enqueue(forget_old_answers)
            wait_until(lambda: job.get_status(refresh=True) in ("finished", "failed"))
            assert job.is_finished
        finally:
            worker.terminate()
            assert worker.wait(timeout=PATIENCE_SECONDS) == 0
    assert kept(superuser, district.id) == []
