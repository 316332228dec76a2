"""A district is billed by the operator: a trial, months that are paid or aren't, usage that counts once; and trade goes on in each state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.billing.tasks import look_after_all
from app.config import Settings
from app.factory import create_app
from app.payments.stripe.tasks import take_waiting_events
from app.sms.inbox import Inbox
from app.staff.tasks import send_waiting_letters
from demo.provider import moving
from demo.provider.books import Books
from demo.provider.cards import CARDS
from demo.provider.desk import Desk
from demo.provider.telling import letter
from tests.factories.api import Api
from tests.factories.clock import SetClock, now
from tests.factories.districts import District, new_district
from tests.factories.problems import check_problem
from tests.factories.provider import answering
from tests.factories.staff import hire

OPERATOR_S = {
    "stripe_secret_key": "sk_test_operator",
    "stripe_account": "acct_operator",
    "stripe_webhook_secrets": "whsec_o",
    "mail_sender": "inbox",
}
ENDPOINT = f"/v1/provider-events/dis_{'0' * 32}"
DAY = timedelta(days=1)
PLAN = {"name": "Street", "base_amount": 29900, "sale_amount": "0.5", "trial_days": 30}


@dataclass
class Street:
    """A district that is billed, the clock of all, and the provider's desk."""

    district: District
    clock: SetClock
    desk: Desk

    @property
    def books(self) -> Books:
        return self.desk.books_of(OPERATOR_S["stripe_secret_key"])

    def billing(self) -> dict[str, Any]:
        shown: dict[str, Any] = self.district.api.get("/v1/billing", self.district.key).ok(200)
        return shown

    def agree(self, **more: Any) -> None:
        api = self.district.api
        plan = api.post("/v1/plans", {**PLAN, **more}, api.operator_key).ok(201)
        path = f"/v1/districts/{self.district.id}/billing"
        api.post(path, {"plan_id": plan["id"]}, api.operator_key).ok(202)
        self.work()

    def work(self) -> None:
        """Jobs run, and the provider's events come in."""
        look_after_all()
        self.hear()

    def hear(self, *, backwards: bool = False) -> None:
        events = self.books.events[::-1] if backwards else self.books.events
        for one in events:
            body, headers = letter(one, ["whsec_o"], int(self.clock.moment.timestamp()))
            self.district.api.call("POST", ENDPOINT, key=None, data=body, headers=headers).ok(200)
        take_waiting_events()

    def pass_days(self, days: float) -> None:
        self.clock.moment += days * DAY
        self.work()

    def give_card(self, card: str) -> None:
        url = self.district.api.post("/v1/billing/mandate", {}, self.district.key).ok(201)["url"]
        moving.complete_session(self.books, url.rpartition("/")[2], CARDS[card].number)
        self.hear()

    def made(self, kind: str) -> list[dict[str, Any]]:
        return self.books.all_of(kind)


@pytest.fixture(scope="module")
def _billed(app: Flask, settings: Settings) -> tuple[Flask, SetClock]:
    clock = SetClock()
    return create_app(replace(settings, **OPERATOR_S), clock=clock), clock  # type: ignore[arg-type]


@pytest.fixture
def street(_billed: tuple[Flask, SetClock], settings: Settings, superuser: Any) -> Iterator[Street]:
    app, clock = _billed
    clock.moment = now()
    desk = Desk(clock=lambda: int(clock.moment.timestamp()))
    superuser.execute("TRUNCATE subscriptions, provider_events")  # of other desks, whose events have the same ids
    with app.app_context(), answering(desk):
        yield Street(new_district(Api.inside(app, settings.operator_key)), clock, desk)


def trade(street: Street) -> None:
    """Whatever happens at a till: a sale with points, one that spends them, a refund, and another member."""
    district = street.district
    member = district.member()
    sale = district.report(member_id=member, amount=20000).ok(201)
    district.report(member_id=member, amount=5000, points_to_spend=100).ok(201)
    refund = {"transaction_reference": sale["reference"], "reference": f"{sale['reference']}-R", "amount": 100}
    district.api.post("/v1/refunds", refund, district.shop.key).ok(201)


def test_a_trial_becomes_a_month_that_is_paid(street: Street) -> None:
    assert street.billing()["status"] is None
    street.agree()
    shown = street.billing()
    assert (shown["status"], shown["has_mandate"], shown["is_read_only"]) == ("trialing", False, False)
    assert shown["plan"]["sale_amount"] == "0.5"
    street.give_card("pm_card_visa")
    assert street.billing()["has_mandate"] is True
    street.pass_days(31)
    shown = street.billing()
    assert shown["status"] == "active"
    [invoice] = shown["invoices"]
    assert (invoice["status"], invoice["amount"], invoice["paid_amount"]) == ("paid", 29900, 29900)
    trade(street)


def test_usage_of_a_day_is_told_once_whatever_is_lost(street: Street, superuser: Any) -> None:
    street.agree()
    for number in range(3):
        street.district.report(reference=f"B{number}").ok(201)
    street.desk.accidents.append(("answer-lost", "/v1/billing/meter_events"))
    street.pass_days(1.5)
    street.pass_days(2)
    street.pass_days(2)
    [meter] = street.made("billing.meter")
    assert [value for _, _, value in meter["of_events"].values()] == [3]
    assert all(name.startswith(street.district.id) for name in meter["of_events"])
    rows = superuser.execute("SELECT state, sum(quantity) FROM usage_reports WHERE quantity > 0 GROUP BY 1").fetchall()
    assert ("taken", 3) in rows
    [(count,)] = superuser.execute(
        "SELECT count(*) FROM usage_reports WHERE district_id = %s", (street.district.id[4:],)
    )
    assert count >= 4


def test_who_does_not_pay_is_asked_on_three_days_and_trades_on(street: Street, settings: Settings) -> None:
    """past_due, tries after 3, 5 and 7 days, each with a letter, then a console that only shows, then a card that is paid at once."""
    admin = hire(street.district, strong=False)
    street.agree(trial_days=0)
    assert street.billing()["status"] == "past_due"
    street.give_card("pm_card_chargeDeclinedInsufficientFunds")
    charges = len(street.made("charge"))
    for days, status in (
        (2.9, "past_due"),
        (0.2, "past_due"),
        (4.8, "past_due"),
        (0.3, "past_due"),
        (6.8, "past_due"),
        (0.3, "limited"),
    ):
        street.pass_days(days)
        shown = street.billing()
        assert shown["status"] == status
        trade(street)
    assert len(street.made("charge")) - charges == 3
    assert shown["is_read_only"] is True
    send_waiting_letters()
    letters = [one["text"] for one in Inbox(settings.sms_inbox_file).newest(admin.login)]
    about = [one for one in letters if "/console/billing" in one]
    assert (len(about), ["后台只能查看" in one for one in about].count(True)) == (5, 1)
    assert all("299.00 CNY" in one for one in about)
    street.give_card("pm_card_visa")
    shown = street.billing()
    assert (shown["status"], shown["is_read_only"], shown["invoices"][0]["status"]) == ("active", False, "paid")
    trade(street)


def test_an_ended_subscription_stops_no_till(street: Street) -> None:
    street.agree()
    path = f"/v1/districts/{street.district.id}/billing"
    operator = street.district.api.operator_key
    street.district.api.post(f"{path}/end", {}, operator).ok(202)
    street.work()
    assert street.district.api.get(path, operator).ok(200)["status"] == "ended"
    assert street.made("subscription")[0]["status"] == "canceled"
    trade(street)
    street.agree(trial_days=7)
    assert street.billing()["status"] == "trialing"
    assert len(street.made("customer")) == 1


@pytest.mark.parametrize(
    "path", ["/v1/customers", "/v1/products", "/v1/prices", "/v1/subscriptions", "/v1/billing/meters"]
)
@pytest.mark.parametrize("accident", ["answer-lost", "never-arrives"])
def test_whatever_is_lost_on_the_way_there_is_one_subscription(street: Street, path: str, accident: Any) -> None:
    street.desk.accidents.append((accident, path))
    street.agree()
    street.work()
    assert street.billing()["status"] == "trialing"
    assert [len(street.made(kind)) for kind in ("customer", "subscription", "price", "billing.meter")] == [1, 1, 2, 1]


def test_events_in_any_order_end_the_same(street: Street) -> None:
    street.agree(trial_days=1)
    street.give_card("pm_card_visa")
    street.pass_days(40)
    before = street.billing()
    street.hear(backwards=True)
    street.hear()
    assert street.billing() == before
    assert before["status"] == "active"


def test_nothing_is_asked_of_a_provider_that_there_is_not(district: District) -> None:
    district.api.post("/v1/billing/mandate", {}, district.key)
    check_problem(district.api.post("/v1/billing/mandate", {}, district.key), 409, "nothing-billed")


def test_a_second_plan_is_refused_and_a_shop_sees_none(street: Street) -> None:
    street.agree()
    api, district = street.district.api, street.district
    plan = api.post("/v1/plans", PLAN, api.operator_key).ok(201)
    path = f"/v1/districts/{district.id}/billing"
    before = street.billing()
    check_problem(api.post(path, {"plan_id": plan["id"]}, api.operator_key), 409, "plan-set")
    check_problem(api.get("/v1/billing", district.shop.key), 403)
    check_problem(api.get(path, district.key), 403)
    assert street.billing() == before
