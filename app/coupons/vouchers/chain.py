"""Evidence as the authority gets it: what its rows are about, and how a member is shown in them. Pure."""

from __future__ import annotations

from typing import Literal

Kind = Literal["redemption", "review", "refund"]
KINDS: tuple[Kind, ...] = ("redemption", "review", "refund")
_SHOWN_DIGITS = 4


def masked_number(number: str) -> str:
    """A member's number as outsiders see it: its last four digits."""
    return "*" * (len(number) - _SHOWN_DIGITS) + number[-_SHOWN_DIGITS:]
