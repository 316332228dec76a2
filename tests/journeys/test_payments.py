"""Payments through the API: booked once by whatever way they come, carried on where more or less has moved, given back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.payments import queries, sending, services
from app.payments.port import PaymentOutcome
from app.payments.tasks import send_payment
from tests.factories.books import broken
from tests.factories.checksums import Watch
from tests.factories.clock import SetClock
from tests.factories.districts import District
from tests.factories.payments import FakeProvider, act, draft, payment, payments, receive, slip
from tests.factories.problems import check_problem
from tests.factories.settlement import close, month, publish_terms, statements


@pytest.fixture
def street(timed: District, timed_app: Flask, clock: SetClock) -> Iterator[District]:
    """A district in the first month of its terms; its books must hold in the end."""
    clock.set(month(1))
    publish_terms(timed).ok(201)
    with timed_app.app_context():
        yield timed
        assert broken(timed.id) == {}


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """A provider that is called `stripe` in this process."""
    before, fake = dict(sending.PROVIDERS), FakeProvider()
    sending.PROVIDERS["stripe"] = lambda uow: fake
    yield fake
    sending.PROVIDERS.clear()
    sending.PROVIDERS.update(before)


def closings(district: District, number: int) -> dict[str, tuple[int, int]]:
    """Payments and closing balance of each party in a period."""
    return {one["party"]["id"]: (one["payments"], one["closing"]) for one in statements(district, number)}


def cash(district: District) -> int:
    with unit_of_work(system_principal(district.id)) as uow:
        return queries.cash(uow)


def test_what_the_bank_has_moved_stands_in_the_period_s_statement(street: District, clock: SetClock) -> None:
    """In and out, more than was asked for and less: the period takes what was booked before its end, and carries the rest on."""
    shop, other = street.shop, street.other_shop
    street.report(member_id=street.member(), amount=41_000, store_id=shop.store_id).ok(201)
    clock.set(month(2))
    close(street, 1)
    assert closings(street, 1) == {shop.merchant_id: (0, -410)}
    first = draft(street, shop, 410)
    paid = act(street, first, "confirm", slip(300, at=clock())).ok(200)
    assert (paid["state"], paid["amount"], paid["paid_amount"], paid["may"]) == ("succeeded", 410, 300, [])
    receive(street, slip(150, at=clock()) | {"merchant_id": other.merchant_id}).ok(201)
    receive(street, slip(1_000, at=clock())).ok(201)
    out = draft(street, other, 70, "out")
    assert act(street, out, "confirm", slip(70, at=clock())).ok(200)["state"] == "succeeded"
    assert cash(street) == 300 + 150 + 1_000 - 70
    clock.set(month(3))
    close(street, 2)
    assert closings(street, 2) == {
        shop.merchant_id: (300, -110),
        other.merchant_id: (80, 80),
        street.id: (1_000, 1_000),
    }
    [one] = payments(street, merchant_id=shop.merchant_id)
    assert [(each["provider"], each["state"], each["amount"]) for each in one["attempts"]] == [
        ("manual", "succeeded", 300)
    ]


def test_a_slip_books_once_and_says_the_same_again(street: District, clock: SetClock, watch: Watch) -> None:
    first, second = draft(street, street.shop, 410), draft(street, street.other_shop, 90)
    told = slip(410, at=clock())
    shown = act(street, first, "confirm", told).ok(200)
    assert act(street, first, "confirm", told).ok(200) == shown
    before = watch.sums(street.id)
    check_problem(act(street, first, "confirm", told | {"amount": 400}), 409, "bank-reference-used")
    check_problem(act(street, second, "confirm", told), 409, "bank-reference-used")
    check_problem(receive(street, told), 409, "bank-reference-used")
    check_problem(act(street, first, "confirm", slip(410, at=clock())), 409, "payment-over")
    check_problem(act(street, first, "cancel"), 409, "payment-over")
    check_problem(act(street, first, "retry"), 409, "payment-over")
    tomorrow = slip(90, at=clock() + timedelta(days=1))
    assert act(street, second, "confirm", tomorrow).pointers == {"/booked_on"}
    assert receive(street, slip(1, at=clock()) | {"merchant_id": f"mer_{'0' * 32}"}).pointers == {"/merchant_id"}
    assert watch.sums(street.id) == before


def test_no_more_is_paid_out_than_has_come_in(street: District, clock: SetClock, watch: Watch) -> None:
    receive(street, slip(100, at=clock())).ok(201)
    out = draft(street, street.shop, 150, "out")
    before = watch.sums(street.id)
    refused = act(street, out, "confirm", slip(150, at=clock()))
    check_problem(refused, 409, "cash-short")
    assert refused.body["cash"] == 100
    assert act(street, out, "confirm", slip(151, at=clock())).pointers == {"/amount"}
    assert watch.sums(street.id) == before
    assert act(street, out, "confirm", slip(100, at=clock())).ok(200)["paid_amount"] == 100


def test_an_answer_that_is_lost_is_looked_up_and_charges_once(
    street: District, clock: SetClock, provider: FakeProvider
) -> None:
    """Money moved and nobody was told: the same key a day later too, and one booking."""
    provider.lost = 1
    one = draft(street, street.shop, 410, provider="stripe")
    send_payment(street.id, one)
    assert payment(street, one)["state"] == "unknown"
    clock.move(timedelta(hours=25))
    assert sending.send_due(street.id) == 1
    shown = payment(street, one)
    assert (shown["state"], shown["paid_amount"], len(shown["attempts"])) == ("succeeded", 410, 1)
    assert provider.calls == [f"{one}:1", f"look {one}:1"]
    assert sending.send_due(street.id) == 0


def test_an_order_that_never_arrived_is_sent_again_under_its_key(
    street: District, clock: SetClock, provider: FakeProvider
) -> None:
    provider.lost = 1
    one = draft(street, street.shop, 410, provider="stripe")
    send_payment(street.id, one)
    provider.done.clear()
    clock.move(timedelta(hours=1))
    sending.send_due(street.id)
    assert provider.calls == [f"{one}:1", f"look {one}:1", f"{one}:1"]
    assert payment(street, one)["paid_amount"] == 410


def test_soft_declines_are_tried_after_3_5_and_7_days_and_a_person_s_try_uses_none_up(
    street: District, clock: SetClock, provider: FakeProvider
) -> None:
    provider.answers = [PaymentOutcome("failed", code="insufficient-funds")] * 6
    one = draft(street, street.shop, 410, provider="stripe")
    sending.send_due(street.id)
    assert payment(street, one)["code"] == "insufficient-funds"
    assert act(street, one, "retry").ok(200)["state"] == "draft"
    sending.send_due(street.id)
    waits = []
    for _ in range(3):
        at = payment(street, one)["retry_at"]
        for days in range(1, 9):
            clock.move(timedelta(days=1))
            if sending.send_due(street.id):
                waits.append(days)
                break
        assert at is not None
    shown = payment(street, one)
    assert (waits, shown["retry_at"], shown["state"], len(shown["attempts"])) == ([3, 5, 7], None, "failed", 5)
    assert [one.split(":")[1] for one in provider.calls] == ["1", "2", "3", "4", "5"]
    provider.answers = [PaymentOutcome("failed", code="account-closed", final=True)]
    act(street, one, "retry").ok(200)
    sending.send_due(street.id)
    assert payment(street, one)["retry_at"] is None
    assert act(street, one, "cancel").ok(200)["state"] == act(street, one, "cancel").ok(200)["state"] == "cancelled"


def test_who_pays_by_transfer_while_the_charge_runs_has_paid_twice_and_keeps_it(
    street: District, clock: SetClock, provider: FakeProvider
) -> None:
    """Both have moved, so both count: what is too much is carried on. The event comes twice, late, and out of order."""
    provider.answers = [PaymentOutcome("accepted", "pi_1")]
    one = draft(street, street.shop, 410, provider="stripe")
    send_payment(street.id, one)
    act(street, one, "confirm", slip(410, at=clock())).ok(200)
    for told in ("failed", "succeeded", "succeeded", "failed", "accepted"):
        with unit_of_work(system_principal(street.id)) as uow:
            row = queries.find_payment(uow, one, lock=True)
            attempt = queries.find_attempt(uow, one, 1)
            services.take_outcome(uow, row, attempt, PaymentOutcome(told, "pi_1"))  # type: ignore[arg-type]
    shown = payment(street, one)
    assert (shown["state"], shown["paid_amount"]) == ("succeeded", 820)
    assert [each["state"] for each in shown["attempts"]] == ["succeeded", "succeeded"]


def test_what_comes_back_is_booked_back_and_can_be_tried_again(street: District, clock: SetClock) -> None:
    """A payout to a closed account: a reversing journal, the balance as before, and another try."""
    receive(street, slip(500, at=clock())).ok(201)
    out = draft(street, street.shop, 200, "out")
    act(street, out, "confirm", slip(200, at=clock())).ok(200)
    assert cash(street) == 300
    for _ in range(2):
        with unit_of_work(system_principal(street.id)) as uow:
            row = queries.find_payment(uow, out, lock=True)
            services.give_back(uow, row, queries.find_attempt(uow, out, 1))
    shown = payment(street, out)
    assert (shown["state"], shown["paid_amount"], cash(street), shown["may"]) == ("returned", 0, 500, ["retry"])
    act(street, out, "retry").ok(200)
    act(street, out, "confirm", slip(200, at=clock())).ok(200)
    assert (payment(street, out)["state"], cash(street)) == ("succeeded", 300)
    clock.set(month(2))
    close(street, 1)
    assert closings(street, 1)[street.shop.merchant_id] == (-200, -200)
