"""What the authority is shown of government vouchers, and how anybody checks that nothing of it was changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from merchant_sdk._answers.reading import Answer, many, one


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow(Answer):
    """A redemption, a review or a refund: what is told of it (`row`), and the digest of that and of all rows before."""

    number: int
    row: Mapping[str, Any] = field(default_factory=dict, hash=False)
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceTotal(Answer):
    """Of a whole chain: its rows, their amounts in fen, and the digest of the last."""

    rows: int = 0
    amount: int = 0
    discount_amount: int = 0
    government_amount: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Answer):
    """Some rows of a campaign's chain in order; go on after the `number` of the last while `has_more`."""

    data: tuple[EvidenceRow, ...] = field(default=(), metadata=many(EvidenceRow))
    has_more: bool = False
    previous_digest: str = ""
    total: EvidenceTotal | None = field(default=None, metadata=one(EvidenceTotal))

    def first_changed(self, previous_digest: str | None = None) -> int | None:
        """The number of the first row whose digest isn't that of the digest before and of the row; None if all are right.

        `previous_digest`: of the last row that was checked before; without it, what the answer says.
        """
        digest = bytes.fromhex(self.previous_digest if previous_digest is None else previous_digest)
        for row in self.data:
            text = json.dumps(row.row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            digest = hashlib.sha256(digest + text.encode()).digest()
            if digest.hex() != row.digest:
                return row.number
        return None
