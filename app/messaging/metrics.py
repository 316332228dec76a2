"""What is counted of webhooks."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

from app.foundation.metrics import Gauge, Gauges, age_seconds
from app.messaging import queries
from app.messaging.sending import Sent

ATTEMPTS = Counter("quantong_webhook_attempts", "Webhook requests made, by what came of them.", ("result",))
SECONDS = Histogram(
    "quantong_webhook_seconds",
    "How long receivers take to answer.",
    ("result",),
    buckets=(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)


def count_attempt(sent: Sent) -> None:
    """Counts a request: `delivered`, `refused` (a status but 2xx) or `unreachable`."""
    result = "delivered" if sent.is_success else "unreachable" if sent.status_code is None else "refused"
    ATTEMPTS.labels(result).inc()
    SECONDS.labels(result).observe(sent.duration_ms / 1000)


def gauges() -> Gauges:
    """What waits to be delivered, in all districts."""
    pending, oldest_due, disabled = queries.figures()
    yield Gauge("quantong_webhook_deliveries_pending", "Deliveries to endpoints in use that aren't done.", pending)
    yield Gauge(
        "quantong_webhook_deliveries_overdue_seconds",
        "For how long the oldest delivery that is due has been waiting for its courier.",
        age_seconds(oldest_due),
    )
    yield Gauge("quantong_webhook_endpoints_disabled", "Endpoints switched off, by hand or by failing.", disabled)
