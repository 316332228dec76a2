"""A member's purse as a value: what is available, pending and owed, and when that changes by the clock alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Balance:
    """Points of one member, read under its lock and changed before it is written back.

    `available` and `pending` hold from `counted_at` (None: from ever) until `next_change_at`.
    """

    member_id: str
    ledger: int = 0
    available: int = 0
    pending: int = 0
    owed: int = 0
    earned: int = 0
    sequence: int = 0
    next_change_at: datetime | None = None
    spent: int = 0
    expired: int = 0
    is_frozen: bool = False
    is_spend_locked: bool = False
    merged_into: str | None = None
    is_erased: bool = False
    counted_at: datetime | None = None
    spend_rests_until: datetime | None = None

    @property
    def is_sound(self) -> bool:
        """Nothing is below none, and what is counted as live has been posted."""
        least = min(self.available, self.pending, self.owed, self.earned, self.spent, self.expired)
        return least >= 0 and self.available + self.pending <= self.ledger

    def rests_until(self, now: datetime) -> datetime | None:
        """Until when spending rests after a change of the member's phone; None where it doesn't."""
        until = self.spend_rests_until
        return until if until is not None and now < until else None

    def is_stale(self, now: datetime) -> bool:
        """Whether a lot may have become available or have ended between the instant of its count and this one.

        Who has waited for the lock comes with an instant before that of who held it.
        """
        if self.counted_at is not None and now < self.counted_at:
            return True
        return self.next_change_at is not None and self.next_change_at <= now

    def recompute(self, lots: Iterable[tuple[int, datetime, datetime | None]], now: datetime) -> None:
        """Counts lots (remaining, available_at, expires_at) anew as of an instant."""
        self.available = self.pending = 0
        self.next_change_at = None
        for remaining, available_at, expires_at in lots:
            self.count(remaining, available_at, expires_at, now)

    def count(self, points: int, available_at: datetime, expires_at: datetime | None, now: datetime) -> None:
        """Adds a lot's points where they belong at an instant; a lot past its end is counted nowhere.

        A lot may end while it is still pending, where a programme's pending days outlast its expiry.
        """
        change: datetime | None
        if expires_at is not None and expires_at <= now:
            return
        if available_at > now:
            self.pending += points
            change = available_at if expires_at is None else min(available_at, expires_at)
        else:
            self.available += points
            change = expires_at
        if change is not None and (self.next_change_at is None or change < self.next_change_at):
            self.next_change_at = change

    def add_lot(self, points: int, available_at: datetime, expires_at: datetime | None, now: datetime) -> None:
        """Credits a new lot: one more transfer, that many points more."""
        self.ledger += points
        self.sequence += 1
        self.count(points, available_at, expires_at, now)

    def debit_lot(self, points: int, available_at: datetime, expires_at: datetime | None, now: datetime) -> None:
        """Debits points of a lot: one more transfer, that many points less."""
        self.ledger -= points
        self.sequence += 1
        if expires_at is not None and expires_at <= now:
            return
        if available_at > now:
            self.pending -= points
        else:
            self.available -= points

    @property
    def spendable(self) -> int:
        """What may be spent now."""
        return max(0, self.available - self.owed)

    def as_figures(self) -> dict[str, int]:
        """The balance that goes with a sale."""
        return {"available": self.available, "pending": self.pending, "owed": self.owed}
