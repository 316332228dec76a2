"""How a proof is shown."""

from __future__ import annotations

from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork
from app.settlement.evidence import queries
from app.settlement.models import StatementRow


def show_proof(uow: UnitOfWork, row: StatementRow) -> dict[str, Any]:
    """That a statement stands in its period. Raises EvidenceNotMade."""
    proof = queries.proof_of(uow, row)
    period = proof.period
    assert period.previous_hash is not None and period.hash is not None
    return {
        "object": "statement_proof",
        "statement_id": row.id,
        "period_id": period.id,
        "leaf": proof.leaf,
        "place": proof.place,
        "size": proof.size,
        "path": [digest.hex() for digest in proof.path],
        "content": period.content,
        "previous_hash": period.previous_hash.hex(),
        "hash": period.hash.hex(),
    }
