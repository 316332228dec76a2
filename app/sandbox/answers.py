"""What this room answers."""

from __future__ import annotations

from app.foundation.http.contract.shapes import instant, integer, nullable, one_of, record, thing

_PROGRESS = record(
    {
        "from": instant(),
        "percent": integer(40, minimum=0, maximum=100, description="Of the way from there to `advancing_to`."),
    },
    title="TestClockProgress",
)
TEST_CLOCK = thing(
    "test_clock",
    {
        "now": instant("2026-06-01T00:00:00Z"),
        "status": one_of("ready", "advancing"),
        "advancing_to": nullable(instant("2027-01-01T00:00:00Z")),
        "progress": nullable(_PROGRESS),
    },
)
