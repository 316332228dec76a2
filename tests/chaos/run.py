"""One run, from the first sale to the reckoning."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from tests.chaos.reckoning import Reckoning, reckon
from tests.chaos.stage import stage
from tests.chaos.victims import Killer

TILLS = ("offline-1", "offline-2", "offline-3", "online-1", "online-2")
WARM_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Run:
    """What a run saw."""

    seed: int
    killed: Counter[str]
    seconds: float
    reckoning: Reckoning
    said: str

    def __str__(self) -> str:
        found = self.reckoning
        lines = [
            f"seed {self.seed}: {self.killed.total()} kills in {self.seconds:.0f} s, "
            f"then {found.drain_seconds:.0f} s until nothing was under way",
            "  " + ", ".join(f"{kind} {count}" for kind, count in sorted(self.killed.items())),
            f"  sales: {found.tried:,} tried, {found.sold:,} promised, {found.recorded:,} recorded",
            f"  refunds: {found.refunding:,} tried, {found.refunded:,} promised, {found.given_back:,} recorded",
            f"  events: {found.events:,} happened, {found.received_once:,} arrived, in {found.received:,} messages",
            *(f"  WRONG: {one}" for one in found.wrong),
        ]
        return "\n".join([*lines, *self._end()])

    def _end(self) -> list[str]:
        return ["  what the product said last:", self.said] if self.reckoning.wrong else ["  nothing is wrong"]


def run(kills: int, seed: int) -> Run:
    """Kills so many times."""
    with stage() as ready:
        district = ready.furnish()
        ready.sell(*TILLS)
        time.sleep(WARM_SECONDS)
        killer, started = Killer(seed, ready.victims), time.monotonic()
        for _ in range(kills):
            killer.kill_one()
        seconds = time.monotonic() - started
        return Run(seed, killer.killed, seconds, reckon(ready, district), ready.product.said())
