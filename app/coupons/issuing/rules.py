"""What a coupon is by the clock, and why it is taken back by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from app.foundation.i18n import Words
from app.foundation.i18n import words as _l

Status = Literal["issued", "reserved", "redeemed", "expired", "voided"]
STATUSES: tuple[Status, ...] = ("issued", "reserved", "redeemed", "expired", "voided")
SALE_REFUNDED = "sale-refunded"
VOID_WORDS: Mapping[str, Words] = {SALE_REFUNDED: _l("The sale for which it was given was refunded.")}
"""Why coupons are taken back when nobody has written it; kept as the code, said in the reader's language."""


def status_at(kept: str, expires_at: datetime, reserved_until: datetime | None, now: datetime) -> str:
    """The state at an instant of a coupon with which `kept` was last done: it ends, and is let go, without anybody's help."""
    if kept not in ("issued", "reserved"):
        return kept
    if now >= expires_at:
        return "expired"
    return "issued" if reserved_until is None or now >= reserved_until else "reserved"
