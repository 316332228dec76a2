"""What issues look like."""

from __future__ import annotations

from app.foundation.http.contract.shapes import instant, integer, nullable, one_of, public_id, thing

ISSUE = thing(
    "issue",
    {
        "id": public_id("iss"),
        "campaign_id": public_id("cam"),
        "status": {
            **one_of("queued", "running", "done", "failed", "cancelled"),
            "description": "`failed`: with `finished_at`, the campaign issues nothing any more; without, it goes on by itself.",
        },
        "issued": integer(480, minimum=0, description="Members who have theirs."),
        "left_out": integer(20, minimum=0, description="Members who were meant, and got none."),
        "created_at": instant(),
        "finished_at": {**nullable(instant()), "examples": [None]},
    },
)
