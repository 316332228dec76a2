"""How evidence is shown."""

from __future__ import annotations

from typing import Any

import orjson

from app.coupons.vouchers.models import EvidenceChain
from app.coupons.vouchers.queries import Linked
from app.foundation.pagination import list_answer


def show_evidence(rows: list[Linked], previous: bytes, chain: EvidenceChain) -> dict[str, Any]:
    """A page of a chain, with what stands before it and the sums of the whole."""
    data = [
        {"object": "evidence_row", "number": one.number, "row": orjson.loads(one.content), "digest": one.digest.hex()}
        for one in rows
    ]
    has_more = bool(rows) and rows[-1].number < chain.rows
    return {
        **list_answer(data, has_more=has_more),
        "previous_digest": previous.hex(),
        "total": {
            "rows": chain.rows,
            "amount": chain.amount,
            "discount_amount": chain.discount_amount,
            "government_amount": chain.government_amount,
            "digest": chain.digest.hex(),
        },
    }
