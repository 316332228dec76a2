"""Bodies and queries of this wing."""

from __future__ import annotations

from app.foundation.http.fields import Body, Id, OneOf, page_query
from app.payments.bank_file.profiles import PROFILES
from app.payments.rules import DIRECTIONS


class BatchBody(Body):
    """Payments of a period, for a bank."""

    period_id = Id("per", required=True)
    direction = OneOf(DIRECTIONS, required=True)
    profile = OneOf(tuple(PROFILES), required=True)


BATCHES = page_query("bat")
