"""The queue: RQ on Valkey. Jobs are functions named `app.<room>.tasks.<job>`; their arguments are JSON."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from redis import Redis
from rq import Queue, Worker
from rq.cron import CronJob, CronScheduler
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException

from app.foundation.db import UNAVAILABLE
from app.foundation.logs import told

log = logging.getLogger("quantong.worker")
QUEUE = "quantong"
JOB_SECONDS = 3600

ENDS_A_JOB = (JobTimeoutException, *UNAVAILABLE)
"""What no other part of a job can be done after: its time is over, or the database is away."""

Timetable = Iterable[tuple[Callable[[], Any], str]]
"""Jobs and when they run: five cron fields, in the clock of the machine."""


def queue(connection: Redis) -> Queue:
    """The one queue."""
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer, default_timeout=JOB_SECONDS)


class _JsonCronJob(CronJob):
    """RQ's own would pickle."""

    def enqueue(self, connection: Redis) -> Job:
        """Puts the job into the queue."""
        assert self.func is not None, "registered with its function"
        return queue(connection).enqueue(self.func, result_ttl=0)


class _Worker(Worker):
    """Tells and keeps of a failed job where it failed, not the exception's text, which may quote personal data."""

    _failure = ""

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Logs a failure."""
        self._failure = "\n".join(told(exc_info[1]))
        log.error("job failed", extra={"fields": {"job": job.func_name, "job_id": job.id}}, exc_info=exc_info)

    def handle_job_failure(self, *args: Any, **options: Any) -> None:
        """Keeps a failure."""
        if self._failure:
            options["exc_string"], self._failure = self._failure, ""
        super().handle_job_failure(*args, **options)


def work(redis_url: str) -> None:
    """Does jobs until told to stop; the one at hand is finished first."""
    connection = Redis.from_url(redis_url)
    _Worker([queue(connection)], connection=connection, serializer=JSONSerializer).work(logging_level="WARNING")


def schedule(redis_url: str, timetable: Timetable) -> None:
    """Puts jobs into the queue at their times until told to stop. A job twice does no harm; run one of these."""
    scheduler = CronScheduler(Redis.from_url(redis_url), logging_level="WARNING")
    scheduler.get_jobs().extend(_JsonCronJob(QUEUE, func=job, cron=when) for job, when in timetable)
    scheduler.start()  # type: ignore[no-untyped-call]
