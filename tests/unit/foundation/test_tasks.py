"""The outbox always has room for the days to come."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from app.foundation.tasks import DAYS_AHEAD, add_outbox_days
from tests.factories.clock import now


@pytest.mark.usefixtures("context")
def test_missing_days_are_added_and_no_others(superuser: psycopg.Connection) -> None:
    add_outbox_days()
    assert add_outbox_days() == 0
    for ahead in (DAYS_AHEAD - 1, DAYS_AHEAD):
        superuser.execute(f"DROP TABLE outbox_{now() + timedelta(days=ahead):%Y%m%d}")
    assert add_outbox_days() == 2
    assert add_outbox_days() == 0
