"""What is counted for Prometheus, in every process of this machine together.

With PROMETHEUS_MULTIPROC_DIR set before the first import, each process keeps its figures in a file of that folder, and
`quantong metrics` adds them up; without it they stay inside the process. Labels are rules of routes, methods and
statuses, never what a caller has sent. Jobs count nothing: each runs in a process of its own, which would leave files.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from prometheus_client import Counter, Histogram

from app.foundation.runtime import runtime

_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR")


if _FOLDER:
    Path(_FOLDER).mkdir(parents=True, exist_ok=True)
REQUESTS = Counter(
    "quantong_requests", "Requests answered, by rule of the route, method and status.", ("route", "method", "status")
)
PROBLEMS = Counter("quantong_problems", "Requests refused, by code of the problem.", ("code",))
SECONDS = Histogram(
    "quantong_request_seconds",
    "Time from a request's arrival in the application to its answer.",
    ("route", "method"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
BATCH_ITEMS = Histogram(
    "quantong_batch_items",
    "Items in a batch, by rule of the route.",
    ("route",),
    buckets=(1, 10, 50, 100, 250, 500, 1000),
)


class Gauge(NamedTuple):
    """A figure read when Prometheus asks. Its name and description don't change from time to time."""

    name: str
    description: str
    value: float


Gauges = Iterable[Gauge]


def age_seconds(oldest_seconds: float | None) -> float:
    """Seconds since an instant (as seconds of the epoch); 0 for none."""
    return max(0.0, runtime().clock().timestamp() - oldest_seconds) if oldest_seconds is not None else 0.0
