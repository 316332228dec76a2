"""Verbs of statements: they are approved, and amounts of them held. Hold the statement's row before its holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.problems import ValidationFailed
from app.settlement import queries
from app.settlement.errors import InvoiceKnown
from app.settlement.events import StatementApproved, StatementHeld
from app.settlement.models import StatementHold, StatementInvoice, StatementRow
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


def note_invoice(
    uow: UnitOfWork, statement_id: str, *, number: str, direction: str, amount: int, issued_on: date
) -> StatementInvoice:
    """Notes an invoice for a statement; one that takes another back is below 0. A party has a number once in each direction.

    Raises NotFound, ValidationFailed, InvoiceKnown.
    """
    row = queries.find_statement(uow, statement_id)
    _check_invoice(uow, amount, issued_on)
    invoice = StatementInvoice(
        district_id=uow.district_id,
        id=new_id("ivc"),
        statement_id=row.id,
        party_kind=row.party_kind,
        party_id=row.party_id,
        direction=direction,
        number=number,
        amount=amount,
        issued_on=issued_on,
        side="alliance" if uow.principal.is_alliance else "merchant",
        principal_id=uow.principal.id,
        noted_at=uow.now,
    )
    columns = {one.name: getattr(invoice, one.name) for one in StatementInvoice.__table__.columns}
    added = insert(StatementInvoice).values(columns).on_conflict_do_nothing().returning(StatementInvoice.id)
    if uow.session.scalars(added).one_or_none() is None:
        raise InvoiceKnown
    return invoice


def _check_invoice(uow: UnitOfWork, amount: int, issued_on: date) -> None:
    if not amount:
        raise ValidationFailed.at("/amount", "out-of-range", _l("An amount other than 0 is needed."))
    if issued_on > uow.now.astimezone(ZoneInfo(districts.district(uow).time_zone)).date():
        raise ValidationFailed.at("/issued_on", "out-of-range", _l("A day until today is needed."))
