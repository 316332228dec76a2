"""Verbs of statements. Hold the statement's row, and nothing else."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.settlement import queries
from app.settlement.events import StatementApproved
from app.settlement.models import StatementRow


def is_tacit(uow: UnitOfWork, row: StatementRow) -> bool:
    """Whether silence has approved a statement: nobody did before the time to dispute it was over."""
    return row.approved_at is None and row.dispute_until is not None and row.dispute_until <= uow.now


def approve(uow: UnitOfWork, statement_id: str) -> StatementRow:
    """Approves a statement; one that is approved stays as it is. Raises NotFound."""
    row = queries.find_statement(uow, statement_id, lock=True)
    if row.approved_at is None and not is_tacit(uow, row):
        row.approved_at = uow.now
        if row.party_kind == "merchant":
            uow.emit(StatementApproved(row.id, row.period_id, queries.party_of(row).id))
    return row
