"""What batches of codes look like."""

from __future__ import annotations

from app.coupons.bulk.files import MEDIA_TYPES
from app.foundation.http.contract.shapes import (
    Shape,
    file_of,
    instant,
    integer,
    list_of,
    nullable,
    one_of,
    public_id,
    record,
    text,
    thing,
)

CODE_BATCH = thing(
    "code_batch",
    {
        "id": public_id("cbt"),
        "campaign_id": public_id("cam"),
        "name": text("国庆传单"),
        "status": {
            **one_of("queued", "running", "done", "failed"),
            "description": "`failed`: the last try broke off; it goes on by itself.",
        },
        "quantity": integer(500, minimum=1),
        "issued": integer(500, minimum=0, description="Coupons that are made."),
        "left_out": integer(0, minimum=0, description="Coupons that aren't made, since the batch was stopped."),
        "downloads": list_of(
            record(
                {
                    "at": instant(),
                    "key_id": public_id("key"),
                    "reason": {**nullable(text("打印机卡纸")), "examples": [None]},
                },
                title="CodesDownload",
            ),
            description="Each time its codes were given out, the first without a reason.",
        ),
        "created_at": instant(),
        "finished_at": {**nullable(instant()), "examples": [None]},
    },
)
CODES: Shape = file_of("Codes", "The codes, one a line under the heading `code`.", *MEDIA_TYPES.values())
