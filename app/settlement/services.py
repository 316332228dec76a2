"""Verbs of statements: they are approved, and amounts of them held. Hold the statement's row before its holds."""

from __future__ import annotations

from collections.abc import Iterable

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.problems import ValidationFailed
from app.settlement import queries
from app.settlement.events import StatementApproved, StatementHeld
from app.settlement.models import StatementHold, StatementRow
from app.settlement.rules import HoldKind


def is_tacit(uow: UnitOfWork, row: StatementRow, holds: Iterable[StatementHold]) -> bool:
    """Whether silence has approved a statement: nobody did, or disputes it, when the time for that was over."""
    is_late = row.dispute_until is not None and row.dispute_until <= uow.now
    is_disputed = any(one.kind == "dispute" and one.statement_id == row.id for one in holds)
    return is_late and row.approved_at is None and not is_disputed


def approve(uow: UnitOfWork, statement_id: str) -> StatementRow:
    """Approves a statement; one that is approved stays as it is. Raises NotFound."""
    row = queries.find_statement(uow, statement_id, lock=True)
    if row.approved_at is None and not is_tacit(uow, row, queries.holds(uow, [row.id])[row.id]):
        row.approved_at = uow.now
        if row.party_kind == "merchant":
            uow.emit(StatementApproved(row.id, row.period_id, queries.party_of(row).id))
    return row


def hold(uow: UnitOfWork, statement_id: str, *, amount: int, reason: str) -> StatementRow:
    """The alliance keeps an amount from being paid, or asked for. Raises NotFound, ValidationFailed beyond what is left."""
    row = queries.find_statement(uow, statement_id, lock=True)
    left = max(0, abs(row.closing) - sum(one.amount for one in queries.holds(uow, [row.id])[row.id]))
    if amount > left:
        raise ValidationFailed.at("/amount", "out-of-range", _l("At most %(amount)s can be held.", amount=left))
    place(uow, row, "alliance", amount, reason)
    _tell(uow, row)
    return row


def release(uow: UnitOfWork, statement_id: str) -> StatementRow:
    """The alliance holds nothing of a statement any more; what is disputed or claimed stays. Again changes nothing.

    Raises NotFound.
    """
    row = queries.find_statement(uow, statement_id, lock=True)
    placed = queries.placed_holds(uow, statement_id=row.id, kind="alliance")
    if placed:
        _let_go(uow, placed)
        _tell(uow, row)
    return row


def _tell(uow: UnitOfWork, row: StatementRow) -> None:
    if row.party_kind == "merchant":
        held = sum(one.amount for one in queries.placed_holds(uow, statement_id=row.id, kind="alliance"))
        uow.emit(StatementHeld(row.id, row.period_id, queries.party_of(row).id, held))


def place(
    uow: UnitOfWork, row: StatementRow, kind: HoldKind, amount: int, reason: str, source_id: str | None = None
) -> None:
    """Holds an amount of a statement, for a dispute or claim where one is named. Hold the statement."""
    hold = StatementHold(
        district_id=uow.district_id,
        id=new_id("hld"),
        statement_id=row.id,
        kind=kind,
        source_id=source_id,
        amount=amount,
        reason=reason,
        placed_by=uow.principal.id,
        placed_at=uow.now,
    )
    uow.session.add(hold)
    uow.session.flush()


def release_of(uow: UnitOfWork, source_id: str) -> None:
    """Releases what is held for a dispute or claim. Hold its statements."""
    _let_go(uow, queries.placed_holds(uow, source_id=source_id))


def _let_go(uow: UnitOfWork, placed: Iterable[StatementHold]) -> None:
    for one in placed:
        one.released_by, one.released_at = uow.principal.id, uow.now
    uow.session.flush()
