"""Which payment a line of the bank's is of, as pure functions. Amounts in minor units; above 0 came in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple


class BankLine(NamedTuple):
    """A line of a bank's statement; `same` counts lines of one statement that say the same, from 0."""

    booked_on: date
    amount: int
    reference: str
    holder: str
    purpose: str
    same: int = 0

    @property
    def print(self) -> bytes:
        """What tells it from all others: the bank's number for it, or all that it says."""
        words = (self.booked_on.isoformat(), str(self.amount), self.reference)
        more = () if self.reference else (self.holder, self.purpose, str(self.same))
        return hashlib.sha256("\x1f".join((*words, *more)).encode()).digest()


class KnownPayment(NamedTuple):
    """A payment as a line may show it. `amount` as the bank sees it; `reference` of what is booked; `names` of its party."""

    id: str
    attempt: int
    amount: int
    mark: str
    names: frozenset[str]
    reference: str | None = None


def counted(lines: Iterable[BankLine]) -> list[BankLine]:
    """Lines of one statement, those that say the same told apart."""
    seen: dict[BankLine, int] = {}
    found = []
    for line in lines:
        number = seen.get(line, 0)
        seen[line] = number + 1
        found.append(line._replace(same=number))
    return found


def booked_by(line: BankLine, booked: Iterable[KnownPayment]) -> KnownPayment | None:
    """What was booked under the line's own number, for its amount: nothing is left to do."""
    found = [one for one in booked if line.reference and (one.reference, one.amount) == (line.reference, line.amount)]
    return found[0] if len(found) == 1 else None


def returned_by(line: BankLine, booked: Iterable[KnownPayment]) -> KnownPayment | None:
    """What comes back by the line: the amount of one booked payment the other way round, named by its number or mark."""
    found = [one for one in booked if one.amount == -line.amount and _names(line, one)]
    return found[0] if len(found) == 1 else None


def _names(line: BankLine, one: KnownPayment) -> bool:
    return one.mark in line.purpose or bool(one.reference and one.reference in line.purpose)


def candidates(line: BankLine, open_ones: Iterable[KnownPayment]) -> Sequence[KnownPayment]:
    """The open payments that a line may be of: by mark, or else by party and amount. Several are listed, not guessed from."""
    same = [one for one in open_ones if one.amount == line.amount]
    marked = [one for one in same if one.mark in line.purpose]
    return marked or [one for one in same if line.holder in one.names]
