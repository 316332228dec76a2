"""What a process remembers of districts' modes, which never change, and of sandboxes' time, which may have.

Of a live district nothing is asked any more. A sandbox tells its time in the first statement of each unit of work; a
pipelined one doesn't wait for it, but goes by what was heard last and is done again where that was wrong.
"""

from __future__ import annotations

from app.foundation.tenancy import OPERATOR_DISTRICT

LIVE, SANDBOX = "live", "sandbox"
_MOST = 100_000
_live: set[str] = set()
_ahead_us: dict[str, int] = {}


def is_live(district_id: str) -> bool:
    """Whether a district is known to be live. The operator's place is."""
    return district_id in _live or district_id == OPERATOR_DISTRICT


def ahead_us(district_id: str) -> int | None:
    """By how many microseconds a sandbox was ahead when it was last asked; None for one that wasn't."""
    return _ahead_us.get(district_id)


def remember(district_id: str, mode: str | None, ahead_us: int) -> None:
    """Remembers a district that was asked; a mode of None stands for one that isn't there."""
    for known in (_live, _ahead_us):
        if len(known) >= _MOST:
            known.clear()
    if mode == LIVE:
        _live.add(district_id)
    elif mode == SANDBOX:
        _ahead_us[district_id] = ahead_us
