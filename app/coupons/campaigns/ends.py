"""Later ends of coupons that are out. These stand above: `app/wiring.py` says who moves them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Validity = Mapping[str, Any]
WHO_MOVES: list[Callable[[str, str, Validity], None]] = []
"""Who moves, in a district, what is out of a campaign to the ends of a later validity: in units of work of its own."""


def move_first(district_id: str, campaign_id: str, validity: Validity) -> None:
    """Moves what is out before the campaign says so, so that few are left for who then has it alone."""
    for move in WHO_MOVES:
        move(district_id, campaign_id, validity)
