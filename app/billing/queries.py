"""Reading plans, subscriptions, usage and invoices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, select

from app.billing.models import BillingInvoice, PlanRow, Subscription, UsageReport
from app.billing.rules import METER, READ_ONLY
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound

MOST_INVOICES = 24
_IS_READ_ONLY = "SELECT FROM subscriptions WHERE district_id = %s AND status = ANY(%s::text[])"


def plans(uow: UnitOfWork) -> Select[PlanRow]:
    """What the operator offers."""
    return select(PlanRow).where(PlanRow.district_id == uow.district_id)


def find_plan(uow: UnitOfWork, plan_id: str) -> PlanRow:
    """Raises NotFound."""
    row = uow.session.scalars(plans(uow).where(PlanRow.id == plan_id)).one_or_none()
    if row is None:
        raise NotFound.at("/plan_id", _l("plan"))
    return row


def subscription(uow: UnitOfWork, *, lock: bool = False) -> Subscription | None:
    """What the district has agreed to."""
    query = select(Subscription).where(Subscription.district_id == uow.district_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return uow.session.scalars(query).one_or_none()


def is_read_only(uow: UnitOfWork) -> bool:
    """Whether the district's console only shows, as what it owes was not paid."""
    return bool(uow.execute(_IS_READ_ONLY, (hex_of(uow.district_id), list(READ_ONLY))).rowcount)


def invoices(uow: UnitOfWork) -> Sequence[BillingInvoice]:
    """The last invoices, newest first."""
    query = select(BillingInvoice).where(BillingInvoice.district_id == uow.district_id)
    return uow.session.scalars(
        query.order_by(BillingInvoice.issued_at.desc(), BillingInvoice.reference).limit(MOST_INVOICES)
    ).all()


def reports(uow: UnitOfWork, since: date) -> dict[date, UsageReport]:
    """What was told of days."""
    query = select(UsageReport).where(
        UsageReport.district_id == uow.district_id, UsageReport.meter == METER, UsageReport.day >= since
    )
    return {row.day: row for row in uow.session.scalars(query)}
