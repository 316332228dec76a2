"""What this wing answers."""

from __future__ import annotations

from app.foundation.files.workbooks import XLSX
from app.foundation.http.contract.shapes import (
    extended,
    file_of,
    instant,
    integer,
    list_of,
    one_of,
    page_of,
    public_id,
    record,
    text,
    thing,
)
from app.payments.bank_file.profiles import CSV, PROFILES
from app.payments.rules import DIRECTIONS

BATCH = thing(
    "payment_batch",
    {
        "id": public_id("bat"),
        "period_id": public_id("per"),
        "direction": one_of(*DIRECTIONS),
        "profile": one_of(*PROFILES),
        "status": one_of("open", "told", "cancelled"),
        "amount": integer(110_600),
        "payment_ids": list_of(public_id("pay")),
        "sha256": text("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        "created_at": instant(),
    },
)
BATCHES = page_of(BATCH)
_ROWS = list_of(integer(7))
NOTED = extended(
    BATCH,
    "NotedBatch",
    {
        "noted": record(
            {
                "succeeded": integer(2),
                "failed": integer(1),
                "returned": integer(0),
                "not_matched": {
                    **_ROWS,
                    "description": "Rows that are of no payment of the file, or might be of several.",
                },
                "undecided": {**_ROWS, "description": "Rows whose result decides nothing yet."},
            },
            title="NotedOutcomes",
        )
    },
)
FILE = file_of("PaymentFile", "The file as the bank takes it; the same bytes each time.", CSV, XLSX)
