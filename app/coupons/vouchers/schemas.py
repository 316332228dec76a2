"""Bodies and queries of this wing."""

from __future__ import annotations

from app.foundation.http.fields import Body, QueryInteger, Text
from app.members.schemas import FORGOTTEN

MOST_ROWS = 100


class ReviewReleaseBody(Body):
    reason = Text(500, load_default=None, allow_none=True, example="店庆当天,客流属实", metadata=FORGOTTEN)


class ReviewRejectBody(Body):
    reason = Text(500, required=True, example="未见商品出库", metadata=FORGOTTEN)


class EvidenceQuery(Body):
    """Rows after a number: the last that is known already, 0 for all."""

    limit = QueryInteger(1, MOST_ROWS, metadata={"default": MOST_ROWS})
    starting_after = QueryInteger(0, 10**12 - 1, metadata={"default": 0})
