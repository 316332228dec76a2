"""A process that takes events, and stops before its commit, once coupons are given (`giving`) or figures counted (`counting`)."""

from __future__ import annotations

import sys

from app.coupons.giving import triggers
from app.factory import create_app
from app.foundation.clock import utc_now
from app.foundation.tasks import take_events
from app.insights import kept, writing
from tests.factories.stopped import Stop


def main(step: str, district_id: str, event_ids: list[str]) -> None:
    """Takes."""
    if step == "giving":
        triggers.give_for = Stop().after(triggers.give_for)
    else:
        writing.add = Stop(at=len(kept.ALL) // 2).after(writing.add)
    with create_app(clock=utc_now).app_context():
        take_events(district_id, event_ids)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3].split(","))
