"""What jobs do for a district's subscription: begun, looked at, its usage told, tried again when unpaid, ended. Nothing outward is in a unit of work.

Each step may be done again: whoever dies in between is followed by another, who finds at the provider what was done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from stripe import StripeError

from app.billing import queries, services
from app.billing.models import Subscription, UsageReport
from app.billing.rules import METER, SETTLED, days_to_report, identifier_of, span_of
from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork, retrying, unit_of_work
from app.foundation.jobs.queue import Job
from app.foundation.problems import NotFound
from app.foundation.tenancy import OPERATOR, OPERATOR_DISTRICT, system_principal
from app.payments.port import Payer
from app.payments.stripe.adapter import Stripe
from app.payments.stripe.queries import stripe_of
from app.payments.stripe.subscriptions import PlanPrices, Subscriptions
from app.payments.stripe.taking import ToldEvent
from app.transactions.sales.queries import count_recorded

log = logging.getLogger("quantong.billing")
ATTEMPTS = 5
OPEN = ("open", "uncollectible")
Write = Callable[[UnitOfWork, str, str], None]
"""Adds letters, in a unit of work of the district: of which kind, and about which amount."""
WHO_WRITES: list[Callable[[str], Write]] = []
"""By a district's id, what writes to its admins; `app/wiring.py` fills it."""
UNPAID, LIMITED = "bill-unpaid", "console-limited"


class BilledDistrict(NamedTuple):
    """What is needed to speak of a district's subscription."""

    stripe: Stripe
    row: Subscription
    name: str
    zone: ZoneInfo

    @property
    def subscriptions(self) -> Subscriptions:
        """Those of the operator."""
        return Subscriptions(self.stripe)


def job_of(district_id: str) -> Job:
    """The job that looks after a district's subscription."""
    return Job("app.billing.tasks.look_after", (district_id,))


def look_after(district_id: str) -> bool:
    """Does whatever a subscription needs now; says whether there was one. A provider that is away is asked again later."""
    account = _account(district_id)
    if account is None or account.row.status == "ended":
        return False
    try:
        if account.row.reference is None:
            account = _begin(district_id, account)
        if account.row.ends:
            account.subscriptions.end(str(account.row.reference))
        _look(district_id, account)
        _try_again(district_id, account)
        _tell_usage(district_id, account)
    except StripeError as error:
        log.warning(
            "a subscription wasn't looked after",
            extra={"fields": {"district_id": district_id, "error": type(error).__name__}},
        )
    return True


def _account(district_id: str) -> BilledDistrict | None:
    with unit_of_work(OPERATOR) as uow:
        try:
            stripe = stripe_of(uow)
        except NotFound:
            return None
    with unit_of_work(system_principal(district_id)) as uow:
        row = queries.subscription(uow)
        if row is None:
            return None
        district = districts.district(uow)
        return BilledDistrict(stripe, row, district.name, ZoneInfo(district.time_zone))


def _begin(district_id: str, account: BilledDistrict) -> BilledDistrict:
    """The customer, kept before the subscription is made; both are found again where they were made before."""
    row = account.row
    customer = row.customer
    if customer is None:
        customer = account.stripe.ensure_customer(Payer(district_id, account.name))
        _note(district_id, lambda uow: services.note_begun(uow, customer=customer, reference=None))
    prices = PlanPrices(row.plan_id, row.plan_name, row.currency, row.base_amount, row.sale_amount, METER)
    reference = account.subscriptions.subscribe(customer, prices, row.trial_ends_at)
    _note(district_id, lambda uow: services.note_begun(uow, customer=customer, reference=reference))
    return _account(district_id) or account


def _note(district_id: str, work: Callable[[UnitOfWork], object]) -> None:
    def done() -> None:
        with unit_of_work(system_principal(district_id)) as uow:
            work(uow)

    retrying(ATTEMPTS, done)


def _look(district_id: str, account: BilledDistrict) -> None:
    customer, reference = str(account.row.customer), str(account.row.reference)
    with unit_of_work(OPERATOR) as uow:
        asked_at = uow.real_now
    seen = account.subscriptions.look(customer, reference)
    write = _writer(district_id)

    def keep(uow: UnitOfWork) -> None:
        row = queries.subscription(uow)
        before = row and row.status
        if services.note_seen(uow, seen, asked_at) and before in ("trialing", "active", "beginning"):
            _write_if(uow, write, "past_due", UNPAID)

    _note(district_id, keep)


def _writer(district_id: str) -> Write:
    writers = [one(district_id) for one in WHO_WRITES]

    def write(uow: UnitOfWork, kind: str, amount: str) -> None:
        for one in writers:
            one(uow, kind, amount)

    return write


def _write_if(uow: UnitOfWork, write: Write, status: str, kind: str) -> None:
    row = queries.subscription(uow)
    if row is not None and row.status == status:
        owed = sum(one.amount - one.paid_amount for one in queries.invoices(uow) if one.status in OPEN)
        write(uow, kind, f"{owed / 100:.2f} {row.currency}")


def _try_again(district_id: str, account: BilledDistrict) -> None:
    """Has what is unpaid tried once more when its day has come, and tells the admins; after the third the console only shows."""
    attempt = _begin_retry(district_id)
    if attempt is None:
        return
    unpaid, number = attempt
    if not account.subscriptions.pay(unpaid, f"retry-{number}") and number >= 3:
        write = _writer(district_id)

        def limit(uow: UnitOfWork) -> None:
            row = queries.subscription(uow, lock=True)
            if row is not None and services.give_up(uow, row):
                _write_if(uow, write, "limited", LIMITED)

        _note(district_id, limit)
    _look(district_id, account)


def _begin_retry(district_id: str) -> tuple[list[str], int] | None:
    write = _writer(district_id)
    with unit_of_work(system_principal(district_id)) as uow:
        row = queries.subscription(uow, lock=True)
        if row is None or row.status != "past_due" or row.retry_at is None or row.retry_at > uow.real_now:
            return None
        services.note_retry(uow, row)
        _write_if(uow, write, "past_due", UNPAID)
        return [one.reference for one in queries.invoices(uow) if one.status in OPEN], row.retries


def pay_now(district_id: str) -> None:
    """After another card was given, what is unpaid is tried at once; it uses up none of the tries. Raises StripeError."""
    account = _account(district_id)
    if account is None or account.row.reference is None:
        return
    _look(district_id, account)
    with unit_of_work(system_principal(district_id)) as uow:
        row = queries.subscription(uow)
        unpaid = [one.reference for one in queries.invoices(uow) if one.status in OPEN]
    if row is not None and row.status in ("past_due", "limited") and row.has_mandate and unpaid:
        account.subscriptions.pay(unpaid, f"card-{row.seen_at}")
        _look(district_id, account)


def _tell_usage(district_id: str, account: BilledDistrict) -> None:
    """Tells the meter each day that is over, once."""
    for day in _days(district_id, account):
        start, end = span_of(day, account.zone)
        quantity, is_new = _count(district_id, day, start, end)
        known = not is_new and account.subscriptions.has_used(str(account.row.customer), METER, start, end)
        if quantity and not known:
            name = identifier_of(district_id, day)
            account.subscriptions.report(str(account.row.customer), METER, name, quantity, end - SETTLED)
        _note(district_id, lambda uow, day=day: _taken(uow, day))  # type: ignore[misc]


def _days(district_id: str, account: BilledDistrict) -> Iterator[date]:
    with unit_of_work(system_principal(district_id)) as uow:
        days = list(days_to_report(account.row.created_at, uow.real_now, account.zone))
        known = queries.reports(uow, days[0]) if days else {}
    yield from (day for day in days if day not in known or known[day].state == "sent")


def _count(district_id: str, day: date, start: datetime, end: datetime) -> tuple[int, bool]:
    """How many sales were recorded on a day, kept before it is told; and whether that is new."""
    with unit_of_work(system_principal(district_id)) as uow:
        found = queries.reports(uow, day).get(day)
        if found is not None:
            return found.quantity, False
        quantity = count_recorded(uow, start, end)
        row = UsageReport(
            district_id=district_id, meter=METER, day=day, quantity=quantity, state="sent", sent_at=uow.real_now
        )
        uow.session.add(row)
        return quantity, True


def _taken(uow: UnitOfWork, day: date) -> None:
    queries.reports(uow, day)[day].state = "taken"


def take_event(told: ToldEvent, stripe: Stripe) -> None:
    """What the provider tells the operator is about a customer: its district is looked after. Raises StripeError."""
    if told.district_id != OPERATOR_DISTRICT or not told.object_id.startswith(("sub_", "in_", "seti_", "cs_")):
        return
    customer = _customer_of(told, stripe)
    party = Subscriptions(stripe).party_of(customer) if customer else None
    if party is None or not party.startswith("dis_"):
        return
    if told.object_id.startswith(("seti_", "cs_")):
        pay_now(party)
    else:
        look_after(party)


def _customer_of(told: ToldEvent, stripe: Stripe) -> str | None:
    ask = {
        "sub": stripe.client.v1.subscriptions.retrieve,
        "in": stripe.client.v1.invoices.retrieve,
        "seti": stripe.client.v1.setup_intents.retrieve,
        "cs": stripe.client.v1.checkout.sessions.retrieve,
    }[told.object_id.split("_")[0]]
    return getattr(ask(told.object_id), "customer", None)
