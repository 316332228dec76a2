"""Rows bound to all before them: canonical JSON, and digests that hang together. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

BEFORE_ALL = bytes(hashlib.sha256().digest_size)
"""What stands before the first row of a chain: 32 zero bytes."""


def canonical(row: Mapping[str, Any]) -> str:
    """A row as canonical JSON (RFC 8785).

    Its names are ASCII, so that the order of their bytes is that of UTF-16, and its numbers are integers of 53 bits at
    most: for such rows the rules come down to sorted names, no spaces and the shortest escapes.
    """
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode()


def digest_after(previous: bytes, row: str) -> bytes:
    """SHA-256 of the digest before, and of a canonical row in UTF-8."""
    return hashlib.sha256(previous + row.encode()).digest()
