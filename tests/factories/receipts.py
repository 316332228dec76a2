"""What stands on the receipt of a sale that is nobody's yet."""

from __future__ import annotations

from typing import Any


def secret_of(sale: dict[str, Any]) -> str:
    """The secret by which its points are claimed."""
    return str(sale["claim_url"]).rsplit("/", 1)[1]
