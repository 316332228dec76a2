"""What a coupon is by the clock."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

Status = Literal["issued", "reserved", "redeemed", "expired", "voided"]
STATUSES: tuple[Status, ...] = ("issued", "reserved", "redeemed", "expired", "voided")


def status_at(kept: str, expires_at: datetime, reserved_until: datetime | None, now: datetime) -> str:
    """The state at an instant of a coupon with which `kept` was last done: it ends, and is let go, without anybody's help."""
    if kept not in ("issued", "reserved"):
        return kept
    if now >= expires_at:
        return "expired"
    return "issued" if reserved_until is None or now >= reserved_until else "reserved"
