"""Payments through Stripe's client: charged once, whatever is lost, killed, repeated or told out of order."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.config import Settings
from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.payments import sending, services
from app.payments.queries import PartyOfPayment
from app.payments.services import WantedPayment
from app.payments.stripe.queries import stripe_of
from app.payments.stripe.tasks import take_waiting_events
from demo.provider import moving
from demo.provider.books import Books
from demo.provider.desk import KEY_SECONDS, Desk
from demo.provider.serving import serving
from demo.provider.telling import letter
from tests.factories.api import Api
from tests.factories.books import broken_books
from tests.factories.districts import District
from tests.factories.payments import payment
from tests.factories.provider import answering, customer_with
from tests.factories.sandboxes import new_sandbox
from tests.factories.stopped import stopped


class Till:
    """A sandbox whose payments go to a desk, with an account and key of its own."""

    def __init__(self, api: Api) -> None:
        self.district: District = new_sandbox(api)
        number = self.district.id[4:]
        self.account = {
            "account": f"acct_{number}",
            "secret_key": f"sk_test_{number}",
            "webhook_secret": f"whsec_{number}",
        }
        api.post("/v1/payment-provider", self.account, self.district.key).ok(200)
        self.late = 0
        self.desk = Desk(clock=lambda: int(time.time()) + self.late)

    @property
    def books(self) -> Books:
        return self.desk.books_of(self.account["secret_key"])

    def draft(self, card: str = "pm_card_visa", amount: int = 41000) -> str:
        with unit_of_work(system_principal(self.district.id)) as uow:
            stripe = stripe_of(uow)
        customer = customer_with(self.desk, stripe, card, self.books)
        party = PartyOfPayment("merchant", self.district.shop.merchant_id)
        with unit_of_work(system_principal(self.district.id)) as uow:
            return services.make(uow, WantedPayment(party, "in", amount, provider="stripe", customer=customer)).id

    def send(self, payment_id: str) -> bool:
        return sending.send(self.district.id, payment_id)

    def charged(self) -> list[int]:
        return [one["amount"] for one in self.books.all_of("charge") if one["status"] == "succeeded"]

    def tell(self, *events: dict[str, Any]) -> None:
        for one in events:
            body, headers = letter(one, [self.account["webhook_secret"]], int(time.time()))
            self.district.api.call(
                "POST", f"/v1/provider-events/{self.district.id}", key=None, data=body, headers=headers
            ).ok(200)
        take_waiting_events()

    def is_paid(self, payment_id: str) -> bool:
        shown = payment(self.district, payment_id)
        assert broken_books(self.district.id) == {}
        return bool(shown["state"] == "succeeded" and shown["paid_amount"] == 41000)


@pytest.fixture
def till(app: Flask, api: Api) -> Iterator[Till]:
    made = Till(api)
    with app.app_context(), answering(made.desk):
        yield made


def test_a_charge_whose_answer_is_lost_is_found(till: Till) -> None:
    till.desk.accidents.append(("answer-lost", "/v1/payment_intents"))
    one = till.draft()
    till.send(one)
    assert payment(till.district, one)["state"] == "unknown"
    till.send(one)
    assert till.is_paid(one)
    assert till.charged() == [41000]


def test_after_a_day_it_is_found_by_what_was_noted_on_it(till: Till) -> None:
    till.desk.accidents.append(("answer-lost", "/v1/payment_intents"))
    one = till.draft()
    till.send(one)
    till.late = KEY_SECONDS + 60
    till.send(one)
    assert till.is_paid(one)
    assert till.charged() == [41000]


def test_who_is_killed_between_the_charge_and_its_note_is_followed_by_another(
    till: Till, settings: Settings, app: Flask
) -> None:
    one = till.draft()
    with serving(till.desk) as here:
        elsewhere = replace(settings, stripe_address=here)
        with stopped(elsewhere, "charging_process", till.district.id, one):
            pass
    assert till.charged() == [41000]
    assert payment(till.district, one)["state"] == "sent"
    till.send(one)
    assert till.is_paid(one)
    assert till.charged() == [41000]


def test_an_event_that_comes_before_our_note_counts_and_others_change_nothing(till: Till) -> None:
    """Told before the answer is noted, twice, and an old one after a new one."""
    till.desk.accidents.append(("answer-lost", "/v1/payment_intents"))
    one = till.draft()
    till.send(one)
    succeeded = till.books.events[-1]
    old = {**succeeded, "id": "evt_old", "type": "payment_intent.payment_failed"}
    till.tell(succeeded, succeeded, old)
    assert till.is_paid(one)
    assert till.send(one) is False
    assert till.is_paid(one)
    assert till.charged() == [41000]


def test_a_slow_charge_ends_when_it_is_told(till: Till) -> None:
    one = till.draft("pm_usBankAccount")
    till.send(one)
    assert payment(till.district, one)["state"] == "sent"
    moving.settle(till.books, till.books.all_of("payment_intent")[0]["id"])
    till.tell(till.books.events[-1])
    assert till.is_paid(one)


def test_a_refund_there_is_a_return_here(till: Till) -> None:
    one = till.draft()
    till.send(one)
    assert till.is_paid(one)
    intent = till.books.all_of("payment_intent")[0]["id"]
    moving.refund(till.books, {"payment_intent": intent})
    till.tell(till.books.events[-1])
    shown = payment(till.district, one)
    assert (shown["state"], shown["paid_amount"]) == ("returned", 0)
    assert broken_books(till.district.id) == {}


def test_an_event_about_another_district_s_payment_moves_nothing(till: Till, api: Api, app: Flask) -> None:
    other = Till(api)
    one = till.draft()
    till.desk.accidents.append(("answer-lost", "/v1/payment_intents"))
    till.send(one)
    other.desk = till.desk
    intent = till.books.all_of("payment_intent")[0]
    other.books.things[intent["id"]] = json.loads(json.dumps(intent))
    other.tell({**till.books.events[-1], "id": "evt_of_other"})
    assert payment(till.district, one)["state"] == "unknown"
