"""A process that takes events for their subscribers, says `stopped` once it has given coupons for them, before its commit, and
stays there, until killed.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from app.coupons.giving import triggers
from app.factory import create_app
from app.foundation.clock import utc_now
from app.foundation.tasks import take_events


def main(district_id: str, event_ids: list[str]) -> None:
    """Takes."""
    give_for = triggers.give_for

    def stopped(*arguments: Any, **more: Any) -> None:
        give_for(*arguments, **more)
        sys.stdout.write("stopped\n")
        sys.stdout.flush()
        time.sleep(3600)

    triggers.give_for = stopped
    with create_app(clock=utc_now).app_context():
        take_events(district_id, event_ids)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2].split(","))
