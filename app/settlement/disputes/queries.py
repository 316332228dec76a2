"""Reading disputes and corrections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from sqlalchemy import Select, false, func, select

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.problems import NotFound
from app.settlement.disputes.models import Correction, Dispute, DisputeMessage

T = TypeVar("T", Dispute, Correction)


def visible_disputes(uow: UnitOfWork) -> Select[Dispute]:
    """All to the alliance, a merchant's own to it, none to a store."""
    return _visible(uow, Dispute)


def visible_corrections(uow: UnitOfWork) -> Select[Correction]:
    """All to the alliance; to a merchant those of it that are approved, none to a store."""
    query = _visible(uow, Correction)
    return query.where(Correction.status == "approved") if uow.principal.merchant_id else query


def _visible(uow: UnitOfWork, kind: type[T]) -> Select[T]:
    query, own = select(kind).where(kind.district_id == uow.district_id), uow.principal.merchant_id
    if uow.principal.store_id:
        return query.where(false())
    return query.where(kind.party_kind == "merchant", kind.party_id == f"pty_{own[-32:]}") if own else query


def find_dispute(uow: UnitOfWork, dispute_id: str, *, lock: bool = False) -> Dispute:
    """Raises NotFound, also for another party's."""
    query = visible_disputes(uow).where(Dispute.id == dispute_id)
    return _one(uow, query, lock=lock)


def find_correction(uow: UnitOfWork, correction_id: str, *, lock: bool = False) -> Correction:
    """Raises NotFound, also for another party's."""
    return _one(uow, visible_corrections(uow).where(Correction.id == correction_id), lock=lock)


def _one(uow: UnitOfWork, query: Select[T], *, lock: bool) -> T:
    sought = query.with_for_update().execution_options(populate_existing=True) if lock else query
    found: T | None = uow.session.scalars(sought).one_or_none()
    if found is None:
        raise NotFound
    return found


def lines_disputed(uow: UnitOfWork, statement_id: str) -> set[int]:
    """The lines of a statement that are disputed, or were until the alliance said something to that."""
    query = select(Dispute.lines).where(
        Dispute.district_id == uow.district_id,
        Dispute.statement_id == statement_id,
        Dispute.status != "withdrawn",
    )
    return {line["line"] for lines in uow.session.scalars(query) for line in lines if line["line"] is not None}


def messages(uow: UnitOfWork, dispute_ids: Iterable[str]) -> dict[str, list[DisputeMessage]]:
    """What was said on disputes, by dispute, the first first."""
    query = select(DisputeMessage).where(
        DisputeMessage.district_id == uow.district_id, DisputeMessage.dispute_id.in_(list(dispute_ids))
    )
    found: dict[str, list[DisputeMessage]] = defaultdict(list)
    for one in uow.session.scalars(query.order_by(DisputeMessage.id)):
        found[one.dispute_id].append(one)
    return found


def count_messages(uow: UnitOfWork, dispute_id: str) -> int:
    """How much was said on a dispute."""
    query = select(func.count()).where(
        DisputeMessage.district_id == uow.district_id, DisputeMessage.dispute_id == dispute_id
    )
    return uow.session.scalars(query).one()
