"""`/console/settlement/payments`: what parties are asked for and are to get, every try at it, and what the bank says."""

from __future__ import annotations

from typing import Any

from app.console.clearing.names import PAYMENTS, PROVIDERS, choices, surroundings
from app.console.clearing.periods import HERE
from app.console.door import console, must
from app.console.lists import listing
from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.pages.readers import fen
from app.payments import queries, schemas, sending, services
from app.payments.present import page_of_payments, show_payment
from app.payments.queries import PartyOfPayment
from app.payments.services import BankSlip

AT, READ, WRITE = f"{HERE}/payments", "payments:read", "payments:write"
_MONEY = {"amount": fen}


def _around(uow: UnitOfWork, visit: Visit) -> dict[str, Any]:
    words = {"states": PAYMENTS, "providers": PROVIDERS}
    return {**words, "may_write": visit.principal.may(WRITE), **surroundings(uow)}


@console.page("/settlement/payments")
def payments(uow: UnitOfWork, visit: Visit) -> Handed:
    """Payments, newest first."""
    must(visit, READ, alliance_only=True)
    asked = listing(AT, schemas.PAYMENTS)
    page = page_of_payments(uow, asked.query)
    shown = asked.showing([one["id"] for one in page["data"]], has_more=page["has_more"])
    values = {"listing": shown, "payments": page["data"], "cash": queries.cash(uow), "state_choices": choices(PAYMENTS)}
    return WebPage("console/payments.html", {**values, **_around(uow, visit)})


@console.page("/settlement/payments/new")
def new_payment(uow: UnitOfWork, visit: Visit) -> Handed:
    """Money that has come in unasked."""
    must(visit, WRITE, alliance_only=True, step_up=True)
    return WebPage("console/payment_new.html", _around(uow, visit))


@console.act("/settlement/payments/new", form=schemas.ReceivedBody(), readers=_MONEY, again=new_payment)
def receive_payment(uow: UnitOfWork, visit: Visit) -> Handed:
    """Books it; it is carried on."""
    must(visit, WRITE, alliance_only=True, step_up=True)
    party, merchant_id = PartyOfPayment("district", uow.district_id), visit.body["merchant_id"]
    if merchant_id is not None:
        if merchant_id not in districts.merchant_names(uow):
            raise NotFound.at("/merchant_id", _l("merchant"))
        party = PartyOfPayment("merchant", merchant_id)
    row = services.receive(uow, party, _slip(visit))
    audit.record(uow, "payment.received", row.id, {"amount": visit.body["amount"]})
    return Go(f"{AT}/{row.id}?told=booked")


def _slip(visit: Visit) -> BankSlip:
    return BankSlip(visit.body["bank_reference"], visit.body["booked_on"], visit.body["amount"])


@console.page("/settlement/payments/<pay:payment_id>")
def payment(uow: UnitOfWork, visit: Visit, payment_id: str) -> Handed:
    """A payment, every try at it, and what may be done."""
    must(visit, READ, alliance_only=True)
    shown = show_payment(uow, queries.find_payment(uow, payment_id))
    return WebPage("console/payment.html", {"payment": shown, **_around(uow, visit)})


@console.act(
    "/settlement/payments/<pay:payment_id>/confirm",
    form=schemas.SlipBody(),
    readers=_MONEY,
    again=payment,
    audit="payment.confirmed",
)
def confirm_payment(uow: UnitOfWork, visit: Visit, payment_id: str) -> Handed:
    """The bank has moved it."""
    must(visit, WRITE, alliance_only=True, step_up=True)
    services.confirm(uow, payment_id, _slip(visit))
    return Go(f"{AT}/{payment_id}?told=booked")


@console.act("/settlement/payments/<pay:payment_id>/retry", again=payment, audit="payment.retried")
def retry_payment(uow: UnitOfWork, visit: Visit, payment_id: str) -> Handed:
    """Tries it again."""
    must(visit, WRITE, alliance_only=True, step_up=True)
    row = services.retry(uow, payment_id)
    jobs = (sending.job_of(uow.district_id, row.id),) if row.state == "draft" else ()
    return Go(f"{AT}/{payment_id}", jobs=jobs)


@console.act("/settlement/payments/<pay:payment_id>/cancel", again=payment, audit="payment.cancelled")
def cancel_payment(uow: UnitOfWork, visit: Visit, payment_id: str) -> Handed:
    """Gives it up."""
    must(visit, WRITE, alliance_only=True, step_up=True)
    services.cancel(uow, payment_id)
    return Go(f"{AT}/{payment_id}")
