"""Parts of a unit of work: what changes beside each other for a set of sales or refunds, each with rows of its own.

A part asks what it has to know, in the packet of all the others' questions (`Asked`); counts in memory, where each item
of the set sees what those before it left; and writes once, at the end, in as few statements as one item would take.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")
Asked = Callable[[], T]
"""A question that has been sent. Call it for the answer, which waits for the server: best after all have been sent."""


class Part(Protocol):
    """What a desk holds, and lets write when every item has been handled."""

    def write(self) -> None:
        """Sends what was counted; nothing where nothing was."""
