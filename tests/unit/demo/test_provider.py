"""The provider for trying: keys that are kept for a day, forms, lists, meters, months that are billed, events, its books on disk."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from demo.provider import moving
from demo.provider.__main__ import _keep, _take_up
from demo.provider.books import Books
from demo.provider.desk import KEY_SECONDS, Desk, form_of
from demo.provider.refusals import Refused
from demo.provider.serving import serving

DAY = 86_400
START = 1_772_323_200  # 2026-03-01T00:00:00Z
KEY = "sk_test_trying"


class Shop:
    """Who speaks to a desk, with a clock that moves by hand."""

    def __init__(self) -> None:
        self.now = START
        self.desk = Desk(clock=lambda: self.now)

    def ask(self, method: str, path: str, key: str = KEY, once: str = "", **form: Any) -> tuple[int, Any]:
        said = self.desk.answer(
            method, f"/v1/{path}", {"Authorization": f"Bearer {key}", "Idempotency-Key": once}, urlencode(form)
        )
        assert said is not None
        return said.status, json.loads(said.body)

    def ok(self, method: str, path: str, **form: Any) -> Any:
        status, said = self.ask(method, path, **form)
        assert status == 200, said
        return said

    @property
    def books(self) -> Books:
        return self.desk.books_of(KEY)

    def told(self) -> list[str]:
        return [one["type"] for one in self.books.events]


def subscribed(shop: Shop, *, trial_days: int = 0, card: str | None = "pm_card_visa") -> tuple[str, str]:
    """A customer with a subscription of 30.00 a month and 1 fen for each of what is metered; the ids of both."""
    customer = shop.ok("POST", "customers", name="Tea")["id"]
    if card is not None:
        method = moving.attach(shop.books, card, customer)["id"]
        shop.ok("POST", f"customers/{customer}", **{"invoice_settings[default_payment_method]": method})
    product = shop.ok("POST", "products", name="Plan")["id"]
    meter = shop.ok("POST", "billing/meters", display_name="Sales", event_name="sales")["id"]
    fixed = shop.ok("POST", "prices", product=product, currency="cny", unit_amount=3000)["id"]
    by_use = shop.ok(
        "POST", "prices", product=product, currency="cny", unit_amount_decimal="0.5", **{"recurring[meter]": meter}
    )["id"]
    trial = {"trial_end": shop.now + trial_days * DAY} if trial_days else {}
    made = shop.ok(
        "POST", "subscriptions", customer=customer, **{"items[0][price]": fixed, "items[1][price]": by_use}, **trial
    )
    return customer, made["id"]


def test_a_key_does_a_thing_once_for_a_day() -> None:
    shop = Shop()
    first = shop.ask("POST", "customers", once="a", name="Tea")
    assert shop.ask("POST", "customers", once="a", name="Tea") == first
    assert shop.ask("POST", "customers", once="a", name="Other")[0] == 400
    shop.now += KEY_SECONDS
    assert shop.ask("POST", "customers", once="a", name="Tea")[1]["id"] != first[1]["id"]


def test_accounts_don_t_see_one_another() -> None:
    shop = Shop()
    customer = shop.ok("POST", "customers", name="Tea")["id"]
    assert shop.ask("GET", f"customers/{customer}", key="sk_test_other")[0] == 404
    assert shop.ask("GET", f"customers/{customer}", key="sk_live_real")[0] == 401


def test_forms_are_read_as_stripe_reads_them() -> None:
    assert form_of("a=1&b[c]=2&items[0][price]=p&items[1][price]=q&lookup_keys[0]=x") == {
        "a": "1",
        "b": {"c": "2"},
        "items": [{"price": "p"}, {"price": "q"}],
        "lookup_keys": ["x"],
    }
    with pytest.raises(Refused):
        form_of("a=1&a[b]=2")


def test_lists_go_on_where_a_page_ended() -> None:
    shop = Shop()
    made = [shop.ok("POST", "customers", name=str(number))["id"] for number in range(3)]
    for one in made:
        moving.attach(shop.books, "pm_card_visa", one)
    transfers = [shop.ask("GET", "payment_methods?limit=2")[1]]
    transfers.append(shop.ask("GET", f"payment_methods?limit=2&starting_after={transfers[0]['data'][-1]['id']}")[1])
    assert [len(one["data"]) for one in transfers] == [2, 1]
    assert [one["has_more"] for one in transfers] == [True, False]
    assert shop.ask("GET", f"payment_methods?customer={made[1]}")[1]["data"][0]["customer"] == made[1]


def test_usage_counts_once_of_the_last_five_weeks() -> None:
    shop = Shop()
    customer, _ = subscribed(shop)

    def report(identifier: str, at: int) -> tuple[int, Any]:
        payload = {"payload[stripe_customer_id]": customer, "payload[value]": 7}
        return shop.ask(
            "POST", "billing/meter_events", event_name="sales", identifier=identifier, timestamp=at, **payload
        )

    assert report("dis_1:2026-03-01", START)[0] == 200
    assert report("dis_1:2026-03-01", START)[1]["error"]["code"] == "duplicate_meter_event"
    assert report("old", START - 35 * DAY - 1)[1]["error"]["code"] == "timestamp_out_of_range"
    assert report("new", START + 301)[1]["error"]["code"] == "timestamp_out_of_range"
    [meter] = shop.ok("GET", "billing/meters")["data"]
    span = f"start_time={START}&end_time={START + DAY}"
    [sum_of_day] = shop.ok("GET", f"billing/meters/{meter['id']}/event_summaries?customer={customer}&{span}")["data"]
    assert sum_of_day["aggregated_value"] == 7


def test_a_trial_ends_in_an_invoice_that_is_paid() -> None:
    shop = Shop()
    customer, subscription = subscribed(shop, trial_days=30)
    assert shop.ok("GET", f"subscriptions/{subscription}")["status"] == "trialing"
    payload = {"payload[stripe_customer_id]": customer, "payload[value]": 9}
    shop.ok("POST", "billing/meter_events", event_name="sales", identifier="d", timestamp=START, **payload)
    shop.now += 30 * DAY
    assert shop.ok("GET", f"subscriptions/{subscription}")["status"] == "active"
    [invoice] = shop.ok("GET", f"invoices?subscription={subscription}")["data"]
    assert (invoice["status"], invoice["total"], invoice["amount_paid"]) == ("paid", 3004, 3004)
    assert "invoice.paid" in shop.told()


def test_an_unpaid_month_is_past_due_until_it_is_paid() -> None:
    shop = Shop()
    customer, subscription = subscribed(shop, card="pm_card_chargeDeclinedInsufficientFunds")
    assert shop.ok("GET", f"subscriptions/{subscription}")["status"] == "past_due"
    [invoice] = shop.ok("GET", f"invoices?customer={customer}")["data"]
    assert shop.ask("POST", f"invoices/{invoice['id']}/pay")[0] == 402
    method = moving.attach(shop.books, "pm_card_visa", customer)["id"]
    shop.ok("POST", f"customers/{customer}", **{"invoice_settings[default_payment_method]": method})
    assert shop.ok("POST", f"invoices/{invoice['id']}/pay")["status"] == "paid"
    assert shop.ok("GET", f"subscriptions/{subscription}")["status"] == "active"
    shop.ok("DELETE", f"subscriptions/{subscription}")
    assert shop.told()[-1] == "customer.subscription.deleted"


def test_over_http_an_answer_that_is_lost_is_a_connection_that_ends() -> None:
    desk = Desk()
    with serving(desk) as here:
        request = urllib.request.Request(f"{here}/v1/customers", b"name=Tea", {"Authorization": f"Bearer {KEY}"})
        with urllib.request.urlopen(request) as answer:
            customer = json.loads(answer.read())["id"]
        desk.accidents.append(("answer-lost", "/v1/customers"))
        with pytest.raises(OSError):
            urllib.request.urlopen(request)
        assert len(desk.books_of(KEY).all_of("customer")) == 2
        session = moving.begin_session(
            desk.books_of(KEY), {"mode": "setup", "customer": customer}, f"{here}/pages/{desk.books_of(KEY).account}"
        )
        with urllib.request.urlopen(session["url"], b"card=4242424242424242") as page:
            assert page.status == 200
    assert desk.books_of(KEY).things[session["setup_intent"]]["status"] == "succeeded"


def test_its_books_outlive_it(tmp_path: Path) -> None:
    shop = Shop()
    subscribed(shop, trial_days=1)
    _keep(shop.desk, shop.books, 1, tmp_path / "provider.json")
    again = Shop()
    assert _take_up(again.books, tmp_path / "provider.json") == 1
    assert again.books.things == shop.books.things
    assert again.told() == shop.told()
    made = again.ok("POST", "customers", name="Next")
    assert made["id"] not in shop.books.things
