"""Which districts are live: a district never changes its mode, so a process asks once and then remembers.

Only of a sandbox does every unit of work ask what time it is there; live districts pay nothing for that.
"""

from __future__ import annotations

from app.foundation.tenancy import OPERATOR_DISTRICT

LIVE, SANDBOX = "live", "sandbox"
_MOST = 100_000
_live: set[str] = set()


def is_live(district_id: str) -> bool:
    """Whether a district is known to be live. The operator's place is."""
    return district_id in _live or district_id == OPERATOR_DISTRICT


def remember(district_id: str, mode: str | None) -> None:
    """Remembers a district that is live; None stands for one that isn't there."""
    if mode == LIVE:
        if len(_live) >= _MOST:
            _live.clear()
        _live.add(district_id)
