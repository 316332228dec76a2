"""What is counted of sales: each by its outcome, alone or in a batch, and how many share a commit."""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Iterable

from flask import Response, request
from prometheus_client import Counter, Histogram

SALES = Counter(
    "quantong_sales", "Sales reported, by outcome: 201 new, 200 known, 4xx refused, 5xx not now.", ("outcome",)
)
SHARED = Histogram(
    "quantong_commit_sales", "Sales that share one commit.", ("way",), buckets=(1, 2, 4, 8, 16, 32, 64, 250, 1000)
)
REPORT = "transactions.report"
BATCH = "transactions.report_batch"


def count_sale(response: Response) -> Response:
    """Counts a sale reported alone by the status of its answer."""
    if request.endpoint == REPORT:
        SALES.labels(outcome_of(response.status_code)).inc()
    return response


def count_results(statuses: Iterable[int]) -> None:
    """Counts the sales of a batch by the statuses of their results."""
    for status, count in Counts(statuses).items():
        SALES.labels(outcome_of(status)).inc(count)


def outcome_of(status: int) -> str:
    """`201`, `200`, or the class of a refusal."""
    return str(status) if status < 300 else f"{status // 100}xx"
