"""`quantong metrics`: one page of figures for Prometheus, on a port of its own.

It adds up what the processes of this machine have counted, and reads the rest when asked: what waits in the outbox
and in the queue. Whatever can't be read is left out, and `quantong_up` says so.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence

from flask import Flask
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from rq import Worker

from app.foundation.database.db import UNAVAILABLE
from app.foundation.jobs.queue import FAILED_DISTRICTS, LONG, URGENT, queue
from app.foundation.metrics import Gauge, Gauges
from app.foundation.runtime import runtime
from app.foundation.valkey import PATIENCE_SECONDS, connect

log = logging.getLogger("quantong.metrics")
Source = Callable[[], Gauges]


class _Waiting(Collector):
    """Reads the gauges when Prometheus asks."""

    def __init__(self, app: Flask, sources: Sequence[Source]) -> None:
        self._app = app
        self._sources = sources

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("quantong_up", "Whether a part can be reached: 1 or 0.", labels=("part",))
        gauges: list[Gauge] = []
        with self._app.app_context():
            for part, read in (("database", self._database), ("queue", queue_gauges)):
                try:
                    gauges += read()
                    up.add_metric((part,), 1)
                except (RedisError, *UNAVAILABLE) as error:
                    log.warning("%s not available: %s", part, type(error).__name__)
                    up.add_metric((part,), 0)
            yield from _servers()
        yield up
        for gauge in gauges:
            yield GaugeMetricFamily(gauge.name, gauge.description, value=gauge.value)

    def _database(self) -> list[Gauge]:
        return [gauge for source in self._sources for gauge in source()]


def queue_gauges() -> list[Gauge]:
    """What waits in the queue, is under way, and has failed. Raises RedisError."""
    with connect(runtime().settings.redis_url, PATIENCE_SECONDS) as connection:
        queues = [queue(connection), queue(connection, URGENT), queue(connection, LONG)]
        running = sum(one.started_job_registry.count for one in queues)
        failed = sum(one.failed_job_registry.count for one in queues)
        parts_failed = int(connection.get(FAILED_DISTRICTS) or 0)
        return [
            Gauge("quantong_queue_jobs", "Jobs that wait.", sum(one.count for one in queues)),
            Gauge("quantong_queue_urgent_jobs", "Jobs among them for which somebody waits.", queues[1].count),
            Gauge("quantong_queue_running_jobs", "Jobs under way.", running),
            Gauge("quantong_queue_failed_jobs", "Jobs that have failed and are kept.", failed),
            Gauge("quantong_job_failed_districts", "Districts in which a job failed, since ever.", parts_failed),
            Gauge("quantong_queue_workers", "Workers that are there.", Worker.count(connection=connection)),
        ]


def _servers() -> Iterator[Metric]:
    """Whether each server of a spread database answers, as far as this process has asked it."""
    spread = runtime().spread
    if spread is not None:
        answers = GaugeMetricFamily(
            "quantong_server_up", "Whether a server of districts answers: 1 or 0.", labels=("server",)
        )
        for server in spread.servers:
            answers.add_metric((server.name,), int(not server.is_away))
        yield answers


def registry_of(app: Flask, sources: Sequence[Source]) -> CollectorRegistry:
    """Everything that the page shows."""
    registry = CollectorRegistry()
    folder = app.extensions["quantong"].settings.prometheus_multiproc_dir
    if folder:
        MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    registry.register(_Waiting(app, sources))
    return registry


def serve(app: Flask, sources: Sequence[Source], stopped: threading.Event) -> None:
    """Serves the page until told to stop; with METRICS_PORT 0 it only waits."""
    settings = app.extensions["quantong"].settings
    if not settings.metrics_port:
        log.info("METRICS_PORT is 0: nothing is served")
        stopped.wait()
        return
    server, thread = start_http_server(settings.metrics_port, settings.metrics_host, registry_of(app, sources))
    stopped.wait()
    server.shutdown()
    server.server_close()
    thread.join()
