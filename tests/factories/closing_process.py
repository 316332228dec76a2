"""A process that closes a period by threes and stops within its third set."""

from __future__ import annotations

import sys
from datetime import datetime

from app.factory import create_app
from app.settlement import closing, writing
from tests.factories.stopped import Stop


def main(district_id: str, period_id: str, now: str) -> None:
    """Closes, at an instant."""
    closing.JOURNALS_A_SET, writing.take = 3, Stop(at=3).after(writing.take)
    moment = datetime.fromisoformat(now)
    with create_app(clock=lambda: moment).app_context():
        closing.close(district_id, period_id)


if __name__ == "__main__":
    main(*sys.argv[1:4])
