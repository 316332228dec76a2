"""`/v1/statements/{id}/proof`, `/v1/statements/{id}/export`."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.settlement import queries
from app.settlement.evidence import answers, schemas
from app.settlement.evidence.errors import EvidenceNotMade
from app.settlement.evidence.files import file_of
from app.settlement.evidence.present import show_flows, show_proof

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


@statements.serve(
    "GET",
    "/<stm:statement_id>/export",
    scope="settlement:read",
    query=schemas.FileQuery(),
    answers={200: answers.FILE},
    problems=(EvidenceNotMade,),
)
def export_statement(uow: UnitOfWork, call: Call, statement_id: str) -> Answer:
    """Take a statement as a file: as JSON with all that `quantong-merchant check` needs, or its rows as a table."""
    row = queries.find_statement(uow, statement_id)
    return Answer({}, download=file_of(uow, row, call.query["format"]))


@statements.serve(
    "GET",
    "/<stm:statement_id>/flows",
    scope="settlement:read",
    answers={200: answers.FLOWS},
    problems=(EvidenceNotMade,),
)
def get_flows(uow: UnitOfWork, call: Call, statement_id: str) -> Answer:
    """Read from whom the points came that a party accepted in a closed period. A merchant isn't told of small ones."""
    return Answer(show_flows(uow, queries.find_statement(uow, statement_id)))
