"""What a payment is known by in banks' files."""

from __future__ import annotations


def mark_of(payment_id: str) -> str:
    """The end of its id, which is random, behind letters that people know it by."""
    return f"QT{payment_id[-10:].upper()}"
