"""`/v1/statements/{id}/proof`."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.settlement import queries
from app.settlement.evidence import answers
from app.settlement.evidence.errors import EvidenceNotMade
from app.settlement.evidence.present import show_proof

statements = Routes("statement_evidence", __name__, url_prefix="/v1/statements")
ROOMS = (statements,)


@statements.serve(
    "GET",
    "/<stm:statement_id>/proof",
    scope="settlement:read",
    answers={200: answers.PROOF},
    problems=(EvidenceNotMade,),
)
def get_proof(uow: UnitOfWork, call: Call, statement_id: str) -> Answer:
    """Prove that a statement stands in its period, whose hash takes in the one before."""
    return Answer(show_proof(uow, queries.find_statement(uow, statement_id)))
