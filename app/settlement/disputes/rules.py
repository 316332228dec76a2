"""What is disputed of a statement, and whether that may be: pure functions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from app.foundation.figures.money import MAX_AMOUNT
from app.foundation.i18n import words as _l
from app.foundation.problems import Flaw

REASONS = ("not-ours", "wrong-amount", "duplicate", "missing")
DISPUTE_STATUSES = ("open", "accepted", "rejected", "withdrawn")
CORRECTION_STATUSES = ("proposed", "approved", "rejected")


class DisputedLine(NamedTuple):
    """What a party is to get more for a line (None: for one that is missing), and the items that it means."""

    line: int | None
    amount: int
    item_ids: Sequence[str] = ()


def flaws(
    lines: Sequence[DisputedLine], amounts: Mapping[int, int], before: Collection[int], *, is_missing: bool
) -> Iterator[Flaw]:
    """What is wrong with a dispute. `amounts` of the statement's lines; `before`: lines that have been disputed before.

    A line is disputed once, for no more than it comes to; what is missing may be more.
    """
    seen = set(before)
    for place, one in enumerate(lines):
        pointer = f"/lines/{place}"
        if one.line is None:
            if not is_missing:
                yield Flaw(f"{pointer}/line", "required", _l("Only what is missing stands on no line."))
            continue
        if one.line not in amounts:
            yield Flaw(f"{pointer}/line", "not-found", _l("There is no such line."))
        elif one.line in seen:
            yield Flaw(f"{pointer}/line", "duplicate", _l("A line is disputed once."))
        elif not is_missing and one.amount > abs(amounts[one.line]):
            yield Flaw(f"{pointer}/amount", "out-of-range", _l("A line can't be disputed for more than it comes to."))
        seen.add(one.line)
    if sum(one.amount for one in lines) > MAX_AMOUNT:
        yield Flaw("/lines", "out-of-range", _l("At most %(amount)s in all.", amount=MAX_AMOUNT))
