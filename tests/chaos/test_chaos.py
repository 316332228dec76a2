"""A short run; `CHAOS_KILLS=100` (or `python -m tests.chaos`) makes it a long one."""

from __future__ import annotations

import os
import random

from tests.chaos.run import run

KILLS = int(os.environ.get("CHAOS_KILLS", "6"))


def test_no_kill_loses_or_doubles_anything() -> None:
    result = run(KILLS, int(os.environ.get("CHAOS_SEED", random.randrange(10**6))))
    assert result.killed.total() == KILLS
    assert result.reckoning.wrong == [], str(result)
    assert result.reckoning.sold > 0
    assert result.reckoning.refunded > 0
    assert result.reckoning.received_once > 0
