"""A process that walks a test clock and stops at its third stop."""

from __future__ import annotations

import sys
from dataclasses import replace

from app.factory import create_app
from app.foundation.clock import utc_now
from app.sandbox import walking
from tests.factories.stopped import Stop

LAST_STOP = 3


def main(district_id: str) -> None:
    """Walks."""
    with create_app(clock=utc_now).app_context():
        stop = Stop(at=len(walking.ERRANDS) + LAST_STOP)
        walking.ERRANDS[:] = [replace(one, work=stop.after(one.work)) for one in walking.ERRANDS]
        walking.advance(district_id)


if __name__ == "__main__":
    main(sys.argv[1])
