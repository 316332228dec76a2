"""Sales that grow old, and their days."""

from __future__ import annotations

from datetime import timedelta

import psycopg

from tests.factories.clock import now


def age(superuser: psycopg.Connection, transaction_id: str, **delta: float) -> None:
    """Makes a sale one that was recorded this long ago."""
    superuser.execute(
        "UPDATE transactions SET recorded_at = %s WHERE id = %s", (now() - timedelta(**delta), transaction_id[4:])
    )
