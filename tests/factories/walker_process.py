"""A process that walks a test clock, says `stopped` at its third stop and stays there, until somebody kills it."""

from __future__ import annotations

import sys
import time
from dataclasses import replace

from app.factory import create_app
from app.foundation.clock import utc_now
from app.sandbox import walking

LAST_STOP = 3


def main(district_id: str) -> None:
    """Walks."""
    done = 0

    def counted(one: walking.Errand) -> walking.Errand:
        def work(where: str) -> int:
            nonlocal done
            done += 1
            if done == len(walking.ERRANDS) + LAST_STOP:
                sys.stdout.write("stopped\n")
                sys.stdout.flush()
                time.sleep(3600)
            return one.work(where)

        return replace(one, work=work)

    with create_app(clock=utc_now).app_context():
        walking.ERRANDS[:] = [counted(one) for one in walking.ERRANDS]
        walking.advance(district_id)


if __name__ == "__main__":
    main(sys.argv[1])
