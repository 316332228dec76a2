"""`/v1/payments`."""

from __future__ import annotations

from typing import Any

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound
from app.payments import answers, queries, schemas, sending, services
from app.payments.errors import BankReferenceUsed, CashShort, PaymentOver
from app.payments.models import PaymentRow
from app.payments.present import page_of_payments, show_payment
from app.payments.queries import PartyOfPayment
from app.payments.services import BankSlip

payments = Routes("payments", __name__, url_prefix="/v1/payments")
ROOMS = (payments,)


def _again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_payment(uow, queries.find_payment(uow, stored["id"]))


def _shown(uow: UnitOfWork, row: PaymentRow, status: int = 200) -> Answer:
    jobs = (sending.job_of(uow.district_id, row.id),) if row.state == "draft" else ()
    return Answer(show_payment(uow, row), status, stored={"id": row.id}, jobs=jobs)


@payments.serve(
    "GET", "", scope="payments:read", alliance_only=True, query=schemas.PAYMENTS, answers={200: answers.PAYMENTS}
)
def list_payments(uow: UnitOfWork, call: Call) -> Answer:
    """List payments, newest first: money that parties are asked for (`in`) or are to get (`out`)."""
    return Answer(page_of_payments(uow, call.query))


@payments.serve("GET", "/<pay:payment_id>", scope="payments:read", alliance_only=True, answers={200: answers.PAYMENT})
def get_payment(uow: UnitOfWork, call: Call, payment_id: str) -> Answer:
    """Read a payment, and every try at it."""
    return Answer(show_payment(uow, queries.find_payment(uow, payment_id)))


@payments.serve(
    "POST",
    "",
    scope="payments:write",
    alliance_only=True,
    body=schemas.ReceivedBody(),
    answers={201: answers.PAYMENT},
    problems=(BankReferenceUsed, NotFound),
    replay=_again,
    audit="payment.received",
)
def receive_payment(uow: UnitOfWork, call: Call) -> Answer:
    """Book money that has come in unasked: a top-up by the district, or what a merchant pays early. It is carried on."""
    party = PartyOfPayment("district", uow.district_id)
    if (merchant_id := call.body["merchant_id"]) is not None:
        if merchant_id not in districts.merchant_names(uow):
            raise NotFound.at("/merchant_id", _l("merchant"))
        party = PartyOfPayment("merchant", merchant_id)
    return _shown(uow, services.receive(uow, party, _slip(call)), 201)


def _slip(call: Call) -> BankSlip:
    return BankSlip(call.body["bank_reference"], call.body["booked_on"], call.body["amount"])


@payments.serve(
    "POST",
    "/<pay:payment_id>/confirm",
    scope="payments:write",
    alliance_only=True,
    body=schemas.SlipBody(),
    answers={200: answers.PAYMENT},
    problems=(PaymentOver, BankReferenceUsed, CashShort),
    replay=_again,
    audit="payment.confirmed",
)
def confirm_payment(uow: UnitOfWork, call: Call, payment_id: str) -> Answer:
    """Say that the bank has moved it. The same slip again changes nothing; another amount than was asked for is carried on."""
    return _shown(uow, services.confirm(uow, payment_id, _slip(call)))


@payments.serve(
    "POST",
    "/<pay:payment_id>/retry",
    scope="payments:write",
    alliance_only=True,
    answers={200: answers.PAYMENT},
    problems=(PaymentOver,),
    replay=_again,
    audit="payment.retried",
)
def retry_payment(uow: UnitOfWork, call: Call, payment_id: str) -> Answer:
    """Try a payment again that has failed or come back. It uses up none of the tries that are made by themselves."""
    return _shown(uow, services.retry(uow, payment_id))


@payments.serve(
    "POST",
    "/<pay:payment_id>/cancel",
    scope="payments:write",
    alliance_only=True,
    answers={200: answers.PAYMENT},
    problems=(PaymentOver,),
    replay=_again,
    audit="payment.cancelled",
)
def cancel_payment(uow: UnitOfWork, call: Call, payment_id: str) -> Answer:
    """Give up a payment of which nothing is under way; what it was to pay is carried on."""
    return _shown(uow, services.cancel(uow, payment_id))
