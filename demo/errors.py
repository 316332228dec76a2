"""What a load fails with."""

from __future__ import annotations


class LoadError(RuntimeError):
    """The server refused some of the history, or its queue stands still; the words say which."""
