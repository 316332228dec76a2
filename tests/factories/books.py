"""What the books of a district say."""

from __future__ import annotations

from app.books import CHECKS, verify
from app.insights import kept
from app.insights.checks import CHECKS as OF_READ_MODELS

UNTAKEN = ("UPDATE outbox SET is_taken = false", *(f"DELETE FROM {one.table}" for one in kept.ALL))
"""What lets events of a district be taken again, as if nobody had counted them."""


def uuid(public_id: str) -> str:
    """An id as SQL tells it: bare, with hyphens."""
    digits = public_id[-32:]
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def broken(district_id: str) -> dict[str, list[tuple[str, str, str]]]:
    """What is broken in one district, by check; inside the application."""
    [(verified, findings, failure)] = list(verify(district_id))
    assert (verified, failure) == (district_id, None)
    assert [finding.check for finding in findings] == [check.name for check in CHECKS]
    return {finding.check: finding.broken for finding in findings if finding.broken}


def broken_books(district_id: str) -> dict[str, list[tuple[str, str, str]]]:
    """The same without the read models, which differ from every book that somebody has changed."""
    derived = {check.name for check in OF_READ_MODELS}
    return {check: rows for check, rows in broken(district_id).items() if check not in derived}
