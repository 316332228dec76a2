"""A process that gives the coupons of an issue by threes, says `stopped` within its third set and stays there, until killed."""

from __future__ import annotations

import sys
import time
from typing import Any

from app.coupons.giving import targeting
from app.factory import create_app
from app.foundation.clock import utc_now

LAST_SET = 3


def main(district_id: str, issue_id: str) -> None:
    """Gives."""
    sets, give_to = 0, targeting._give_to

    def counted(*arguments: Any) -> bool:
        nonlocal sets
        goes_on = give_to(*arguments)
        sets += 1
        if sets == LAST_SET:
            sys.stdout.write("stopped\n")
            sys.stdout.flush()
            time.sleep(3600)
        return goes_on

    targeting.MEMBERS_A_SET, targeting._give_to = 3, counted
    with create_app(clock=utc_now).app_context():
        targeting.run_issue(district_id, issue_id)


if __name__ == "__main__":
    main(*sys.argv[1:3])
