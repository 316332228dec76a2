"""Reading cases."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, select

from app.care.cases.models import Case
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.problems import NotFound
from app.members import queries as members


def cases(uow: UnitOfWork) -> Select[Case]:
    """The cases that the principal may see: a member its own, a merchant those about its sales."""
    query, who = select(Case).where(Case.district_id == uow.district_id), uow.principal
    if who.kind == "member":
        return query.where(Case.member_id.in_(members.with_merged(uow, who.id)))
    if who.store_id:
        return query.where(Case.store_id == who.store_id)
    return query.where(Case.merchant_id == who.merchant_id) if who.merchant_id else query


def find_case(uow: UnitOfWork, case_id: str, *, lock: bool = False) -> Case:
    """Raises NotFound, also for one that the principal may not see."""
    query = cases(uow).where(Case.id == case_id)
    found = uow.session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound
    return found


def cases_of(uow: UnitOfWork, member_ids: Collection[str]) -> list[Case]:
    """All cases of members, newest first."""
    query = select(Case).where(Case.district_id == uow.district_id, Case.member_id.in_(member_ids))
    return list(uow.session.scalars(query.order_by(Case.id.desc())))


def is_open(uow: UnitOfWork, transaction_id: str) -> bool:
    """Whether a sale has a case that waits for its answer."""
    query = select(Case.id).where(
        Case.district_id == uow.district_id, Case.transaction_id == transaction_id, Case.step == "open"
    )
    return uow.session.scalar(query) is not None
