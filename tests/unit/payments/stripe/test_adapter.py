"""The port by Stripe, against the provider for trying."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.payments.port import Order, PaymentOutcome
from app.payments.stripe.adapter import Stripe
from demo.provider import moving
from demo.provider.desk import KEY_SECONDS, Desk
from tests.factories.provider import CREDENTIALS, adapter, answering, books_of, customer_with

START = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())


class Street:
    """A desk with a clock that moves by hand, and the adapter that speaks to it."""

    def __init__(self) -> None:
        self.now = START
        self.desk = Desk(clock=lambda: self.now)
        self.stripe: Stripe = adapter()

    def order(self, card: str = "pm_card_visa", amount: int = 41000) -> Order:
        return Order("pay_1", 1, amount, "CNY", customer_with(self.desk, self.stripe, card), {"party": "mer_1"})

    def moved(self, kind: str = "charge") -> list[int]:
        """What the account's books have of a kind."""
        lines = books_of(self.desk).all_of("balance_transaction")
        return [one["amount"] for one in lines if one["type"] == kind]


@pytest.fixture
def street() -> Iterator[Street]:
    made = Street()
    with answering(made.desk):
        yield made


def test_a_collection_succeeds_and_is_noted(street: Street) -> None:
    order = street.order()
    outcome = street.stripe.collect(order)
    assert outcome.state == "succeeded"
    intent = books_of(street.desk).find("payment_intent", outcome.reference)
    assert intent["metadata"] == {"party": "mer_1", "order": "pay_1:1"}
    assert intent["amount"] == 41000


@pytest.mark.parametrize("accident", ["answer-lost", "answer-broken", "fails", "too-many", "never-arrives"])
def test_whatever_befalls_an_answer_the_same_key_charges_once(street: Street, accident: str) -> None:
    order = street.order()
    street.desk.accidents.append((accident, "/v1/payment_intents"))  # type: ignore[arg-type]
    assert street.stripe.collect(order).state == "unknown"
    again = street.stripe.collect(order)
    assert again.state == "succeeded"
    assert street.moved() == [41000]
    assert street.stripe.look_up(order) == again


def test_after_a_day_the_key_is_forgotten_but_what_it_did_is_found(street: Street) -> None:
    order = street.order()
    street.desk.accidents.append(("answer-lost", "/v1/payment_intents"))
    assert street.stripe.collect(order).state == "unknown"
    street.now += KEY_SECONDS + 1
    found = street.stripe.look_up(order)
    assert found is not None and found.state == "succeeded"
    assert street.stripe.look_up(replace(order, attempt=2)) is None
    assert street.moved() == [41000]


def test_a_look_up_that_fails_is_no_proof_that_there_was_nothing(street: Street) -> None:
    order = street.order()
    street.desk.accidents.append(("fails", "/v1/payment_intents"))
    assert street.stripe.look_up(order) == PaymentOutcome("unknown", code="APIError")


@pytest.mark.parametrize(
    ("card", "code", "final"),
    [
        ("pm_card_chargeCustomerFail", "generic_decline", False),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds", False),
        ("pm_card_chargeDeclinedStolenCard", "stolen_card", True),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", True),
        ("pm_card_authenticationRequired", "authentication_required", True),
    ],
)
def test_a_card_declines_softly_or_for_good(street: Street, card: str, code: str, final: bool) -> None:
    order = street.order(card)
    outcome = street.stripe.collect(order)
    assert (outcome.state, outcome.code, outcome.final) == ("failed", code, final)
    assert street.stripe.collect(order) == outcome
    assert street.stripe.look_up(order) == outcome
    assert street.moved() == []


def test_who_has_given_no_card_is_not_charged(street: Street) -> None:
    order = replace(street.order(), customer="cus_of_nobody")
    assert street.stripe.collect(order) == PaymentOutcome("failed", code="no-mandate", final=True)
    assert street.stripe.collect(replace(order, customer=None)).code == "no-mandate"


def test_a_slow_collection_is_accepted_and_ends_later(street: Street) -> None:
    order = street.order("pm_usBankAccount")
    outcome = street.stripe.collect(order)
    assert outcome.state == "accepted"
    moving.settle(books_of(street.desk), str(outcome.reference))
    assert street.stripe.look_up(order) == PaymentOutcome("succeeded", outcome.reference)


def test_a_payout_needs_balance_and_is_taken_back_once(street: Street) -> None:
    payout = Order("pay_2", 1, 30000, "CNY", "acct_shop")
    assert street.stripe.pay_out(payout) == PaymentOutcome("failed", code="balance_insufficient")
    street.stripe.collect(street.order())
    payout = replace(payout, attempt=2)
    street.desk.accidents.append(("answer-lost", "/v1/transfers"))
    assert street.stripe.pay_out(payout).state == "unknown"
    paid = street.stripe.look_up(payout)
    assert paid is not None and paid.state == "succeeded"
    assert street.stripe.pay_out(payout) == paid
    undone = street.stripe.reverse(payout, str(paid.reference))
    assert street.stripe.reverse(payout, str(paid.reference)) == undone
    assert (street.moved("transfer"), street.moved("transfer_refund")) == ([-30000], [30000])
    found = street.stripe.look_up(payout)
    assert found is not None and found.code == "reversed"


def test_a_payout_goes_to_a_connected_account_only(street: Street) -> None:
    assert street.stripe.pay_out(Order("pay_2", 1, 1, "CNY", "cus_1")).code == "no-account"


def test_a_charge_is_given_back_once(street: Street) -> None:
    order = street.order()
    charged = street.stripe.collect(order)
    given = street.stripe.reverse(order, str(charged.reference))
    assert street.stripe.reverse(order, str(charged.reference)) == given
    assert given.state == "succeeded"
    assert street.moved("refund") == [-41000]


def test_entries_are_what_reconciliation_needs(street: Street) -> None:
    order = street.order()
    charged = street.stripe.collect(order)
    at = datetime.fromtimestamp(START, UTC)
    [entry] = street.stripe.entries(at, at + timedelta(days=1))
    assert (entry.reference, entry.amount, entry.fee, entry.net) == (charged.reference, 41000, 1424, 39576)
    assert (entry.kind, entry.booked_at) == ("collection", at)
    assert list(street.stripe.entries(at + timedelta(days=1), at + timedelta(days=2))) == []


def test_a_key_that_is_refused_moves_nothing_and_may_be_mended(street: Street) -> None:
    order = street.order()
    street.stripe.client = type(street.stripe.client)("sk_live_wrong", http_client=None, max_network_retries=0)
    assert street.stripe.collect(order) == PaymentOutcome("failed", code="credentials-refused")
    assert street.moved() == []


def test_secrets_stand_in_no_text() -> None:
    assert "sk_test" not in repr(CREDENTIALS)
    assert "whsec" not in repr(CREDENTIALS)
