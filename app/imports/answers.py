"""What imports look like."""

from __future__ import annotations

from app.foundation.http.contract.shapes import (
    extended,
    file_of,
    flag,
    instant,
    integer,
    list_of,
    nullable,
    one_of,
    page_of,
    public_id,
    record,
    text,
    thing,
)
from app.imports.rules import KINDS, STATES

_REASON = record({"code": text("is-refund"), "detail": text("“退款”：是退款，不是交易")}, title="ImportReason")
_ROW = record(
    {
        "number": integer(2, minimum=1, description="As an editor shows it."),
        "rows": integer(1, minimum=1, description="More than one where lines of a receipt are added up."),
        "status": one_of("waiting", "recorded", "known", "refused", "left-out", "undone", "kept"),
        "item": {
            **nullable({"type": "object"}),
            "description": "What is to be recorded; phones, names and birthdays are masked. Null once it is.",
            "examples": [{"reference": "A101-0001", "amount": 12800, "phone": "138****0000"}],
        },
        "made_id": {**nullable(text(pattern="^[a-z]{3}_[0-9a-f]{32}$")), "examples": [None]},
        "reason": {**nullable(_REASON), "examples": [None]},
    },
    title="ImportRow",
)
IMPORT = thing(
    "import",
    {
        "id": public_id("imp"),
        "kind": one_of(*KINDS),
        "source": text("till-1"),
        "file_name": text("sales.csv"),
        "status": {
            **one_of(*STATES),
            "description": "`ready`: it is read, and waits to be started. `failed`: it can't be read, see `flaw`.",
        },
        "settings": {"type": "object", "examples": [{"columns": {"amount": "实收"}}]},
        "columns": list_of(text("实收"), description="The names in the file, once it is read."),
        "fields": {
            "type": "object",
            "additionalProperties": text("实收"),
            "description": "Which column is which field.",
            "examples": [{"amount": "实收"}],
        },
        "flaw": {**nullable(_REASON), "examples": [None]},
        "progress": record({"done": integer(180, minimum=0), "total": integer(200, minimum=0)}, title="ImportProgress"),
        "recorded": integer(170, minimum=0, description="Rows."),
        "known": integer(6, minimum=0, description="Rows that were recorded before, by whatever way."),
        "refused": integer(4, minimum=0),
        "left_out": integer(0, minimum=0, description="Rows that are left out on purpose."),
        "undone": integer(0, minimum=0),
        "can_be_undone": flag(),
        "created_at": instant(),
        "finished_at": {**nullable(instant()), "examples": [None]},
        "rows_kept_until": instant(),
    },
)
WHOLE_IMPORT = extended(IMPORT, "ImportWithPreview", {"preview": list_of(_ROW, description="The first 20 rows.")})
IMPORTS = page_of(IMPORT)
REFUSED = file_of("RefusedRows", "The refused rows as they were, each with the reason.", "text/csv; charset=utf-8")
