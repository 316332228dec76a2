"""What is asked for and paid out of what parties owe and are owed, as pure functions. Amounts in minor units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from app.foundation.figures.shares import shares
from app.settlement.rules import Party, payable


class DueBalance(NamedTuple):
    """A party's closing balance, what was paid since, and what is held of it."""

    closing: int
    paid_since: int = 0
    held: int = 0

    def amount(self, least: int) -> int:
        """What is to be paid: above 0 to the party, below by it."""
        balance = self.closing + self.paid_since
        due = payable(balance, self.held, least)
        return due if balance > 0 else -due


def payouts(due: Mapping[Party, int], cash: int, least: int, *, is_last_day: bool) -> dict[Party, int]:
    """What is paid to whom of what there is: all of it to everybody, or nothing before the last day of payment.

    On that day what there is is shared by largest remainder, ties by party; a share under `least`, and the rest, stay on balances.
    """
    if sum(due.values()) <= cash:
        return dict(due)
    if not is_last_day:
        return {}
    shared = shares(cash, {party: due[party] for party in sorted(due)})
    return {party: share for party, share in shared.items() if share >= max(1, least)}
