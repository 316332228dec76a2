"""Sandboxes and their test clocks, through the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.foundation.clock import format_instant, parse_instant
from app.sandbox.tasks import advance_clock
from tests.factories.api import Api, Reply
from tests.factories.districts import District, new_district

DAY = 86_400
CLOCK = "/v1/test-clock"


def new_sandbox(api: Api, **more: Any) -> District:
    """A sandbox with two shops."""
    return new_district(api, mode="sandbox", **more)


def clock_of(district: District) -> dict[str, Any]:
    """The test clock as it is shown."""
    shown: dict[str, Any] = district.api.get(CLOCK, district.key).ok(200)
    return shown


def now_in(district: District) -> datetime:
    """What time it is in a sandbox."""
    return parse_instant(clock_of(district)["now"])


def ask(district: District, key: str | None = None, **body: Any) -> Reply:
    """Asks for an advance: `seconds` or `days`, or `to` an instant."""
    if "days" in body:
        body["seconds"] = body.pop("days") * DAY
    sent = {f"advance_{name}": format_instant(one) if name == "to" else one for name, one in body.items()}
    return district.api.post(CLOCK, sent, key or district.key)


def advance(district: District, **body: Any) -> dict[str, Any]:
    """Lets the clock go and arrive. Needs the context of an application."""
    ask(district, **body).ok(202)
    advance_clock(district.id)  # unless a worker was quicker
    shown = clock_of(district)
    assert (shown["status"], shown["advancing_to"], shown["progress"]) == ("ready", None, None)
    return shown
