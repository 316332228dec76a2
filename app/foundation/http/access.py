"""Every request is counted, timed and logged: by the rule of its route, never by its path, which may hold a phone."""

from __future__ import annotations

import logging
import time
from functools import lru_cache
from typing import Any

from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram
from werkzeug.middleware.proxy_fix import ProxyFix

from app.foundation.http.limits.callers import network_print
from app.foundation.metrics import REQUESTS, SECONDS

log = logging.getLogger("quantong.requests")
NO_ROUTE = "none"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"health.healthz", "health.readyz"})
"""Asked every few seconds by whoever watches: counted, and logged at `debug`."""
_TOLD_FROM = frozenset({401, 403, 429})
"""Of these refusals an operator wants to know who tries again and again."""


def watch_requests(app: Flask) -> None:
    """Call it before other things are registered: what comes first is timed whole."""
    app.before_request(_start)
    app.after_request(_note)


def trust_proxies(app: Flask, count: int) -> None:
    """Takes a client's address from what that many proxies before us have added to `X-Forwarded-For`.

    No other header is believed, and none at all without proxies: clients can write what they like.
    """
    if count > 0:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=0)  # type: ignore[method-assign]


def _start() -> None:
    g.started = time.perf_counter()


def _note(response: Response) -> Response:
    seconds = time.perf_counter() - g.started
    route = request.url_rule.rule if request.url_rule else NO_ROUTE
    method = request.method if request.method in _METHODS else "other"
    counter, clock = _figures(route, method, response.status_code)
    counter.inc()
    clock.observe(seconds)
    level = logging.DEBUG if request.endpoint in _QUIET else logging.INFO
    if log.isEnabledFor(level):
        log.log(level, "request", extra={"fields": _fields(route, method, response.status_code, seconds)})
    return response


@lru_cache(maxsize=4096)
def _figures(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """What counts and what times such requests: a look-up by labels takes as long as counting."""
    return REQUESTS.labels(route, method, str(status)), SECONDS.labels(route, method)


def _fields(route: str, method: str, status: int, seconds: float) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "request_id": g.get("request_id", ""),
        "method": method,
        "route": route,
        "status": status,
        "duration_ms": round(1000 * seconds, 2),
    }
    if status in _TOLD_FROM:
        fields["network_print"] = network_print()
    principal = g.get("principal")
    if principal is not None:
        fields |= {"district_id": principal.district_id, "principal_id": principal.id}
    return fields
