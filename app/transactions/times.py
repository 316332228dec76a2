"""When a sale or refund may say that it was."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.foundation.database.local_days import EARLIEST
from app.foundation.i18n import words as _l
from app.foundation.problems import ValidationFailed

MOST_AHEAD = timedelta(minutes=10)


def check_clock(occurred_at: datetime | None, now: datetime) -> None:
    """Raises ValidationFailed for an instant that no clock in a shop shows."""
    if occurred_at is not None and not EARLIEST <= occurred_at <= now + MOST_AHEAD:
        raise ValidationFailed.at("/occurred_at", "out-of-range", _l("From 2000 to 10 minutes ahead is accepted."))
