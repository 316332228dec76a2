"""A process that closes a period by threes, says `stopped` within its third set and stays there, until killed."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from typing import Any

from app.factory import create_app
from app.settlement import closing, writing

LAST_SET = 3


def main(district_id: str, period_id: str, now: str) -> None:
    """Closes, at an instant."""
    sets, take = 0, writing.take

    def counted(*arguments: Any) -> None:
        nonlocal sets
        take(*arguments)
        sets += 1
        if sets == LAST_SET:
            sys.stdout.write("stopped\n")
            sys.stdout.flush()
            time.sleep(3600)

    closing.JOURNALS_A_SET, writing.take = 3, counted
    moment = datetime.fromisoformat(now)
    with create_app(clock=lambda: moment).app_context():
        closing.close(district_id, period_id)


if __name__ == "__main__":
    main(*sys.argv[1:4])
