"""The queue: RQ on Valkey. Jobs are functions named `app.<room>.tasks.<job>`; their arguments are JSON."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.cron import CronJob, CronScheduler
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException
from sqlalchemy.orm import configure_mappers

from app.foundation.database.db import UNAVAILABLE
from app.foundation.logs import told_of
from app.foundation.runtime import runtime

log = logging.getLogger("quantong.worker")
QUEUE = "quantong"
URGENT = "quantong-urgent"
"""For what somebody waits for: it has a worker of its own, so that no long job is in its way."""
LONG = "quantong-long"
"""For what may take minutes: it has a worker of its own, too, so that it holds up no event."""
JOB_SECONDS = 3600
FAILED_DISTRICTS = "quantong:failed-districts"
ENDS_A_JOB = (JobTimeoutException, *UNAVAILABLE)
"""What no other part of a job can be done after: its time is over, or the database is away."""
Timetable = Iterable[tuple[Callable[[], Any], str]]
"""Jobs and when they run: five cron fields, in the clock of the machine."""


class Job(NamedTuple):
    """A function by its whole name, and its arguments: ids and figures, never personal data."""

    name: str
    arguments: tuple[str, ...]
    queue: str = URGENT


def queue(connection: Redis, name: str = QUEUE) -> Queue:
    """A queue."""
    return Queue(name, connection=connection, serializer=JSONSerializer, default_timeout=JOB_SECONDS)


def put_jobs(jobs: Iterable[Job]) -> None:
    """Puts jobs into their queues. While these can't be reached they are dropped: whoever gives them has another way."""
    for job in jobs:
        try:
            with runtime().valkey.asked() as client:
                queue(client, job.queue).enqueue(job.name, *job.arguments, result_ttl=0, failure_ttl=3600)
        except RedisError as error:
            log.warning("a job is not queued", extra={"fields": {"job": job.name}}, exc_info=error)


def count_failures(number: int) -> None:
    """Counts districts in which a job has failed, for `quantong metrics`: a job's own process keeps no figures."""
    with suppress(RedisError), runtime().valkey.asked() as client:
        client.incrby(FAILED_DISTRICTS, number)


class _JsonCronJob(CronJob):
    """RQ's own would pickle."""

    def enqueue(self, connection: Redis) -> RqJob:
        """Puts the job into the queue."""
        assert self.func is not None, "registered with its function"
        return queue(connection).enqueue(self.func, result_ttl=0)


class _Worker(Worker):
    """Tells and keeps of a failed job where it failed, not the exception's text, which may quote personal data."""

    _failure = ""

    def handle_exception(self, job: RqJob, *exc_info: Any) -> None:
        """Logs a failure."""
        self._failure = "\n".join(told_of(exc_info[1]))
        log.error("job failed", extra={"fields": {"job": job.func_name, "job_id": job.id}}, exc_info=exc_info)

    def handle_job_failure(self, *args: Any, **options: Any) -> None:
        """Keeps a failure."""
        if self._failure:
            options["exc_string"], self._failure = self._failure, ""
        super().handle_job_failure(*args, **options)


def run_worker(redis_url: str, names: Sequence[str]) -> None:
    """Does jobs of some queues, the first ones first, until told to stop; the one at hand is finished first.

    Each is done in a process of its own, so what all of them need is made ready before.
    """
    configure_mappers()
    gc.freeze()
    connection = Redis.from_url(redis_url)
    queues = [queue(connection, name) for name in names]
    _Worker(queues, connection=connection, serializer=JSONSerializer).work(logging_level="WARNING")


def schedule(redis_url: str, timetable: Timetable) -> None:
    """Puts jobs into the queue at their times until told to stop. A job twice does no harm; run one of these."""
    scheduler = CronScheduler(Redis.from_url(redis_url), logging_level="WARNING")
    scheduler.get_jobs().extend(_JsonCronJob(QUEUE, func=job, cron=when) for job, when in timetable)
    scheduler.start()  # type: ignore[no-untyped-call]
