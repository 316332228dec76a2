"""Public ids: a prefix that names the kind, and a time-ordered UUID (RFC 9562, version 7) in hexadecimal.

Everywhere in Python an id is this one string; `db.PublicId` turns it into 16 bytes at the database's door.
"""

from __future__ import annotations

import re

import uuid_utils

_HEX = re.compile(r"[0-9a-f]{32}")


def new_id(prefix: str) -> str:
    """A fresh id such as `txn_0193…`, later than those made before in this process."""
    return f"{prefix}_{uuid_utils.uuid7().hex}"


def is_id(prefix: str, text: str) -> bool:
    """Whether `text` has the shape of an id with this prefix."""
    return text.startswith(prefix + "_") and _HEX.fullmatch(text, len(prefix) + 1) is not None


def hex_of(public_id: str) -> str:
    """The 32 hexadecimal digits of an id, as PostgreSQL reads a uuid."""
    return public_id[-32:]
