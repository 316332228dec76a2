"""A process that gives the coupons of an issue by threes and stops within its third set."""

from __future__ import annotations

import sys

from app.coupons.giving import targeting
from app.factory import create_app
from app.foundation.clock import utc_now
from tests.factories.stopped import Stop


def main(district_id: str, issue_id: str) -> None:
    """Gives."""
    targeting.MEMBERS_A_SET, targeting._give_to = 3, Stop(at=3).after(targeting._give_to)
    with create_app(clock=utc_now).app_context():
        targeting.run_issue(district_id, issue_id)


if __name__ == "__main__":
    main(*sys.argv[1:3])
