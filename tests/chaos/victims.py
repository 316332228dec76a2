"""Who may be killed, and the killing."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from tests.factories.processes import children_of, command_of

MEAN_PAUSE_SECONDS = 1.6
MOST_PAUSE_SECONDS = 5.0

Found = dict[str, list[int]]


def parts_of(launcher: int) -> Found:
    """The processes of the product under its launcher, by what they are."""
    children = {pid: command_of(pid) for pid in children_of(launcher)}

    def named(*ends: str) -> list[int]:
        return [pid for pid, command in children.items() if any(end in command for end in ends)]

    web, postmaster, worker = named("granian"), named("postgres -D"), named("quantong worker")
    return {
        "web server": web,
        "web worker": [one for pid in web for one in children_of(pid) if "resource_tracker" not in command_of(one)],
        "queue worker": worker,
        "job": [one for pid in worker for one in children_of(pid)],
        "relay": named("quantong relay"),
        "courier": named("quantong courier"),
        "postmaster": postmaster,
        "backend": [one for pid in postmaster for one in children_of(pid) if "quantong_app" in command_of(one)],
        "queue": named("valkey-server"),
    }


class Killer:
    """Kills at random moments: a kind of victim first, then one of its kind."""

    def __init__(self, seed: int, find: Callable[[], Found]) -> None:
        self.dice = random.Random(seed)
        self.find = find
        self.killed: Counter[str] = Counter()

    def kill_one(self) -> None:
        """Waits for a while, and kills."""
        time.sleep(min(self.dice.expovariate(1 / MEAN_PAUSE_SECONDS), MOST_PAUSE_SECONDS))
        while True:
            found = self.find()
            kind = self.dice.choice([*found])
            if found[kind]:
                with suppress(ProcessLookupError):
                    os.kill(self.dice.choice(found[kind]), signal.SIGKILL)
                    self.killed[kind] += 1
                    return
            time.sleep(0.05)
