"""Verbs of plans and subscriptions. They hold the district's subscription, and call nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from app.billing import queries
from app.billing.errors import NothingBilled, PlanSet
from app.billing.events import BillingChanged
from app.billing.models import BillingInvoice, PlanRow, Subscription
from app.billing.rules import BillingStatus, next_retry, status_of
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import new_id
from app.payments.stripe.subscriptions import Seen, SeenInvoice


def create_plan(
    uow: UnitOfWork, *, name: str, currency: str, base_amount: int, sale_amount: Decimal, trial_days: int
) -> PlanRow:
    """Adds what the operator offers. It never changes: who has it goes on paying this."""
    row = PlanRow(
        district_id=uow.district_id,
        id=new_id("pln"),
        name=name,
        currency=currency,
        base_amount=base_amount,
        sale_amount=sale_amount,
        trial_days=trial_days,
        created_at=uow.real_now,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def agree(uow: UnitOfWork, plan: PlanRow, trial_days: int | None) -> Subscription:
    """Gives the district a plan, with its trial or another; one that has ended is followed by it. Raises PlanSet."""
    row = queries.subscription(uow, lock=True)
    if row is not None and row.status != "ended":
        raise PlanSet
    if row is None:
        row = Subscription(district_id=uow.district_id, customer=None, created_at=uow.real_now)
        uow.session.add(row)
    days = plan.trial_days if trial_days is None else trial_days
    row.plan_id, row.plan_name, row.currency = plan.id, plan.name, plan.currency
    row.base_amount, row.sale_amount = plan.base_amount, plan.sale_amount
    row.trial_ends_at = uow.real_now + timedelta(days=days) if days else None
    row.status, row.told, row.reference, row.has_mandate = "beginning", None, None, False
    row.period_ends_at, row.retries, row.retry_at, row.ends, row.seen_at = None, 0, None, False, None
    uow.session.flush()
    return row


def end(uow: UnitOfWork) -> Subscription:
    """Lets the district's subscription be ended; again changes nothing. Raises NothingBilled."""
    row = queries.subscription(uow, lock=True)
    if row is None:
        raise NothingBilled
    row.ends = True
    if row.reference is None:
        _turn(uow, row, "ended")
    return row


def note_begun(uow: UnitOfWork, *, customer: str, reference: str | None) -> None:
    """Keeps what the provider calls the customer, and its subscription."""
    row = queries.subscription(uow, lock=True)
    if row is not None:
        row.customer, row.reference = customer, reference or row.reference


def note_seen(uow: UnitOfWork, seen: Seen, asked_at: datetime) -> bool:
    """Keeps how a subscription stands; what was asked before what is known changes nothing. Says whether its status has turned."""
    row = queries.subscription(uow, lock=True)
    if row is None or row.reference is None or (row.seen_at is not None and row.seen_at > asked_at):
        return False
    row.told, row.has_mandate, row.period_ends_at = seen.status, seen.has_mandate, seen.period_ends_at
    row.seen_at = asked_at
    _keep_invoices(uow, seen.invoices)
    status = status_of(seen.status, row.retries)
    if status == "past_due" and row.retry_at is None and row.retries == 0:
        row.retry_at = next_retry(0, uow.real_now)
    elif status not in ("past_due", "limited"):
        row.retries, row.retry_at = 0, None
    return _turn(uow, row, status)


def note_retry(uow: UnitOfWork, row: Subscription) -> None:
    """Notes a try at what is unpaid before it is made, and when the next one is."""
    row.retries += 1
    row.retry_at = next_retry(row.retries, uow.real_now)


def give_up(uow: UnitOfWork, row: Subscription) -> bool:
    """After the last try the console only shows; says whether that is new."""
    row.retries += 1
    return _turn(uow, row, status_of(row.told or "past_due", row.retries))


def _turn(uow: UnitOfWork, row: Subscription, status: BillingStatus) -> bool:
    if row.status == status:
        return False
    previous, row.status = row.status, status
    uow.session.flush()
    uow.emit(BillingChanged(row.plan_id, status, previous))
    return True


def _keep_invoices(uow: UnitOfWork, invoices: Sequence[SeenInvoice]) -> None:
    for one in invoices:
        row = BillingInvoice(
            district_id=uow.district_id,
            reference=one.reference,
            number=one.number,
            status=one.status,
            currency=one.currency,
            amount=one.amount,
            paid_amount=one.paid_amount,
            page=one.page,
            issued_at=one.issued_at,
        )
        uow.session.merge(row)
    uow.session.flush()
