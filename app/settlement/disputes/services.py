"""Verbs of disputes. Hold the statement before its disputes."""

from __future__ import annotations

from collections.abc import Sequence

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.problems import ValidationFailed
from app.settlement import queries as statements
from app.settlement import services as settlement
from app.settlement.disputes import corrections, queries, rules
from app.settlement.disputes.errors import DisputeOver, DisputeWindowOver, NobodyToDisputeWith
from app.settlement.disputes.events import DisputeEnded, DisputeMessageSent, DisputeOpened
from app.settlement.disputes.models import Dispute, DisputeMessage
from app.settlement.disputes.rules import DisputedLine
from app.settlement.errors import SecondPersonNeeded
from app.settlement.models import StatementRow

MOST_MESSAGES = 200


def open_dispute(
    uow: UnitOfWork, statement_id: str, *, lines: Sequence[DisputedLine], reason: str, text: str | None
) -> Dispute:
    """Says what is wrong with a statement; what its party is to get more is held until that is answered.

    Raises NotFound, NobodyToDisputeWith, DisputeWindowOver, ValidationFailed.
    """
    row = statements.find_statement(uow, statement_id, lock=True)
    _check_window(uow, row)
    amounts = {one.line: one.amount or 0 for one in statements.lines_of(uow, [row.id])[row.id] if one.line is not None}
    before = queries.lines_disputed(uow, row.id)
    found = list(rules.flaws(lines, amounts, before, is_missing=reason == "missing"))
    if found:
        raise ValidationFailed(flaws=found)
    dispute = Dispute(
        district_id=uow.district_id,
        id=new_id("dsp"),
        statement_id=row.id,
        party_kind=row.party_kind,
        party_id=row.party_id,
        status="open",
        reason=reason,
        text=text,
        amount=sum(one.amount for one in lines),
        lines=[one._asdict() for one in lines],
        opened_by=uow.principal.id,
        opened_at=uow.now,
    )
    uow.session.add(dispute)
    settlement.place(uow, row, "dispute", dispute.amount, reason, dispute.id)
    if row.party_kind == "merchant":
        uow.emit(DisputeOpened(dispute.id, row.id, statements.party_of(row).id, dispute.amount))
    return dispute


def _check_window(uow: UnitOfWork, row: StatementRow) -> None:
    if row.party_kind == "district":
        raise NobodyToDisputeWith
    if row.approved_at is not None or (row.dispute_until is not None and row.dispute_until <= uow.now):
        raise DisputeWindowOver


def say(uow: UnitOfWork, dispute_id: str, *, text: str) -> Dispute:
    """Says something more on a dispute that is open. Raises NotFound, DisputeOver, ValidationFailed for too many messages."""
    dispute = _lock_open(uow, dispute_id)
    if queries.count_messages(uow, dispute.id) >= MOST_MESSAGES:
        raise ValidationFailed.at("", "out-of-range", _l("At most %(most)s messages are kept.", most=MOST_MESSAGES))
    side = "alliance" if uow.principal.is_alliance else "merchant"
    uow.session.add(
        DisputeMessage(
            district_id=uow.district_id,
            id=new_id("dsm"),
            dispute_id=dispute.id,
            side=side,
            text=text,
            principal_id=uow.principal.id,
            sent_at=uow.now,
        )
    )
    uow.session.flush()
    if dispute.party_kind == "merchant":
        uow.emit(DisputeMessageSent(dispute.id, dispute.statement_id, _merchant_of(dispute), side))
    return dispute


def accept(uow: UnitOfWork, dispute_id: str, *, amount: int, reason: str) -> Dispute:
    """Grants what is disputed, or less: who opened the dispute asked for the correction, who accepts it approves.

    Raises NotFound, DisputeOver, SecondPersonNeeded, ValidationFailed.
    """
    dispute = _lock_open(uow, dispute_id)
    if amount > dispute.amount:
        detail = _l("At most %(amount)s is disputed.", amount=dispute.amount)
        raise ValidationFailed.at("/amount", "out-of-range", detail)
    if dispute.opened_by[-32:] == uow.principal.id[-32:]:
        raise SecondPersonNeeded
    asked = corrections.Asked(dispute.party_kind, dispute.party_id, amount, reason)
    correction = corrections.add(uow, asked, dispute.opened_by, dispute.opened_at)
    corrections.approve_row(uow, correction)
    dispute.accepted_amount, dispute.correction_id = amount, correction.id
    return _end(uow, dispute, "accepted", reason)


def reject(uow: UnitOfWork, dispute_id: str, *, reason: str) -> Dispute:
    """Lets a statement stand as it is. Raises NotFound, DisputeOver."""
    return _end(uow, _lock_open(uow, dispute_id), "rejected", reason)


def withdraw(uow: UnitOfWork, dispute_id: str) -> Dispute:
    """Its party disputes nothing any more. Raises NotFound, DisputeOver."""
    return _end(uow, _lock_open(uow, dispute_id), "withdrawn", None)


def _lock_open(uow: UnitOfWork, dispute_id: str) -> Dispute:
    named = queries.find_dispute(uow, dispute_id)
    statements.find_statement(uow, named.statement_id, lock=True)
    dispute = queries.find_dispute(uow, dispute_id, lock=True)
    if dispute.status != "open":
        raise DisputeOver
    return dispute


def _end(uow: UnitOfWork, dispute: Dispute, status: str, answer: str | None) -> Dispute:
    dispute.status, dispute.answer, dispute.ended_at = status, answer, uow.now
    settlement.release_of(uow, dispute.id)
    if dispute.party_kind == "merchant":
        uow.emit(DisputeEnded(dispute.id, dispute.statement_id, _merchant_of(dispute), status))
    return dispute


def _merchant_of(dispute: Dispute) -> str:
    return statements.party_named(dispute.party_kind, dispute.party_id).id
