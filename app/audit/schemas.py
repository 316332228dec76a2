"""Queries of this room."""

from __future__ import annotations

from app.foundation.http.fields import Instant, SomeId, Text, page_query

ENTRIES = page_query(
    "aud", actor_id=SomeId(), action=Text(60), subject_id=SomeId(), **{"from": Instant(), "to": Instant()}
)
