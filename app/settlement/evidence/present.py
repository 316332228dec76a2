"""How proofs and flows are shown."""

from __future__ import annotations

from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork
from app.settlement import queries as settlement
from app.settlement.evidence import queries
from app.settlement.evidence.errors import EvidenceNotMade
from app.settlement.evidence.flows import all_flows, shown_flows
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


def show_flows(uow: UnitOfWork, row: StatementRow) -> dict[str, Any]:
    """From whom the points came that a party accepted: all to the alliance, no small ones to a merchant. Raises EvidenceNotMade."""
    if settlement.find_period(uow, row.period_id).hash is None:
        raise EvidenceNotMade
    found = queries.flows_of(uow, row)
    told = all_flows(found) if uow.principal.is_alliance else shown_flows(found)
    return {
        "object": "statement_flows",
        "statement_id": row.id,
        "period_id": row.period_id,
        "points": sum(flow.points for flow in found.values()),
        "accepted_from": [
            {"party": {"kind": "merchant" if one.startswith("mer") else "district", "id": one}, "points": points}
            for one, points in told.shown.items()
        ],
        "rest": told.rest,
    }
