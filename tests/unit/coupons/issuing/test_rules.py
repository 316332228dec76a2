"""What a coupon is by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.coupons.issuing.rules import status_at

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOON = NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("kept", "expires_at", "reserved_until", "status"),
    [
        ("issued", SOON, None, "issued"),
        ("issued", NOW, None, "expired"),
        ("reserved", SOON, SOON, "reserved"),
        ("reserved", SOON, NOW, "issued"),
        ("reserved", NOW, SOON, "expired"),
        ("redeemed", NOW, None, "redeemed"),
        ("voided", NOW, None, "voided"),
        ("expired", SOON, None, "expired"),
    ],
)
def test_it_ends_and_is_let_go_without_anybody(
    kept: str, expires_at: datetime, reserved_until: datetime | None, status: str
) -> None:
    assert status_at(kept, expires_at, reserved_until, NOW) == status
