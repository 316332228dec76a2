"""Settlement in the console: terms in words, periods closed, statements opened to their sales and approved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.factories.browsing import Browser
from tests.factories.clock import SetClock
from tests.factories.coupons import claim, new_campaign
from tests.factories.districts import District
from tests.factories.html_forms import form_of
from tests.factories.refunds import give_back
from tests.factories.settlement import FIRST, close, month, periods, statements
from tests.factories.staff import Person, hire

HERE = "/console/settlement"


@pytest.fixture
def browser(timed_app: Flask) -> Iterator[Browser]:
    with timed_app.app_context(), timed_app.test_client() as client:
        yield Browser(client)


def come(browser: Browser, person: Person) -> Browser:
    """Signs in, having just said the password again."""
    browser.sign_in(person)
    browser.post("/console/account/password-again", password=person.password)
    return browser


def fill(browser: Browser, path: str, **fields: str) -> Browser:
    """Opens a form, changes some fields, and sends it."""
    assert browser.get(path).status == 200
    return send(browser, path, **fields)


def send(browser: Browser, path: str, **fields: str) -> Browser:
    """Sends the form of the page at hand, with some fields changed."""
    sent: dict[str, str | list[str]] = {**form_of(browser.text, path), **fields}
    return browser.post(path, **sent)


def told_of(district: District, action: str) -> list[Any]:
    return list(district.api.get(f"/v1/audit-entries?action={action}", district.key).ok(200)["data"])


def test_terms_are_looked_at_before_they_are_published(timed: District, browser: Browser, clock: SetClock) -> None:
    """What changes and what it brings is said first; the next one is the last but for what is said otherwise."""
    clock.set(month(1))
    come(browser, hire(timed, clock=clock))
    path = f"{HERE}/terms/new"
    looked = fill(browser, path, effective_from=FIRST.isoformat(), issue_price="1", redemption_price="0.9")
    assert (looked.status, looked.page, periods(timed)) == (200, "console-terms-new", [])
    assert "¥5.00" in looked.text
    assert send(looked, path, publish="1", least_payment="2.50").page == "console-settlement-terms"
    [known] = timed.api.get("/v1/settlement-terms", timed.key).ok(200)["data"]
    assert (known["issue_price"], known["redemption_price"], known["least_payment"]) == ("1", "0.9", 250)
    [entry] = told_of(timed, "settlement_terms.published")
    assert (entry["actor"]["kind"], entry["details"]["version"]) == ("staff", 1)

    own = {"overrides.0.merchant_id": timed.shop.merchant_id, "overrides.0.issue_price": "2"}
    looked = fill(browser, path, issue_price="1.2", **own, **{"overrides.0.redemption_price": "1.5"})
    typed = form_of(looked.text, path)
    assert "¥6.00" in looked.text
    assert fill(browser, path, issue_price="1.1", publish="1").page == "console-settlement-terms"
    second = browser.post(path, **{**typed, "publish": "1"})
    assert (second.status, second.page) == (409, "console-terms-new")
    assert form_of(second.text, path)["overrides.0.issue_price"] == ["2"]
    flawed = fill(browser, path, issue_price="1", redemption_price="2")
    assert (flawed.status, flawed.text.count('aria-invalid="true"')) == (422, 1)
    assert [one["version"] for one in timed.api.get("/v1/settlement-terms", timed.key).ok(200)["data"]] == [2, 1]


def trade(district: District) -> dict[str, Any]:
    """A month's sales: points given at one shop and spent at the other, a coupon, a refund."""
    member, shopper = district.member(), district.member()
    sale: dict[str, Any] = district.report(member_id=member, amount=50_000).ok(201)
    other = district.other_shop.store_id
    district.report(member_id=member, amount=30_000, points_to_spend=300, store_id=other).ok(201)
    code = claim(district, new_campaign(district)["id"], shopper).ok(201)["code"]
    district.report(member_id=shopper, amount=12_800, coupons=[code], store_id=other).ok(201)
    give_back(district, sale["id"], 5_000)
    return sale


def test_a_period_is_closed_and_its_statement_opens_to_sales(
    timed: District, browser: Browser, clock: SetClock
) -> None:
    clock.set(month(1))
    body = {"effective_from": FIRST.isoformat(), "issue_price": "1", "redemption_price": "0.9"}
    timed.api.post("/v1/settlement-terms", body, timed.key).ok(201)
    sale, admin, manager = trade(timed), hire(timed, clock=clock), hire(timed, "merchant_manager", clock=clock)
    [period] = periods(timed)
    here = f"{HERE}/periods/{period['id']}"
    come(browser, admin).get(HERE)
    assert (browser.page, browser.text.count(here)) == ("console-settlement", 1)
    assert browser.get(here).page == "console-settlement-period"
    assert "/close" not in browser.text
    assert "periods/" not in browser.get("/console/").text
    assert browser.post(f"{here}/close").status == 409

    clock.set(month(2))
    assert here in come(browser, admin).get("/console/").text
    assert browser.get(here).text.count(f"{here}/close") == 1
    assert browser.post(f"{here}/close").page == "console-settlement-period"
    assert "data-goes-on" in browser.text
    assert here in browser.get("/console/work").text
    [entry] = told_of(timed, "settlement_period.closed")
    assert (entry["actor"]["kind"], entry["subject"]["id"]) == ("staff", period["id"])
    close(timed, 1)
    assert here in browser.get("/console/work").text
    found = {one["party"]["id"]: one["id"] for one in statements(timed, 1)}
    own = f"{HERE}/statements/{found[timed.shop.merchant_id]}"
    assert all(one in browser.get(here).text for one in found.values())
    text = browser.get(f"{own}?line=1").text
    assert browser.page == "console-statement"
    assert text.count(f"/console/sales/{sale['id']}") == 2, "the sale and its refund"

    come(browser, manager)
    wrong = {"lines.0.line": "1", "lines.0.amount": "0.36", "reason": "not-ours", "text": "这笔退款不是本店的"}
    assert browser.post(f"{own}/dispute", **wrong).page == "console-dispute"
    at = browser.at
    assert browser.post(f"{at}/say", text="请看小票").text.count("请看小票") == 1
    assert browser.post(f"{at}/accept", amount="0.36", reason="属实").status == 403
    assert at in come(browser, admin).get(f"{HERE}/disputes?status=open").text
    assert browser.post(f"{at}/accept", amount="100", reason="属实").status == 422
    assert "属实" in browser.post(f"{at}/accept", amount="0.30", reason="属实").text
    [dispute] = timed.api.get("/v1/disputes", timed.key).ok(200)["data"]
    assert (dispute["status"], dispute["amount"], dispute["accepted_amount"]) == ("accepted", 36, 30)
    assert told_of(timed, "dispute.accepted")[0]["actor"]["kind"] == "staff"

    come(browser, manager)
    assert own in browser.get("/console/").text
    assert own in browser.get(HERE).text
    assert browser.post(f"{own}/approve").text.count("/approve") == 0
    [entry] = told_of(timed, "statement.approved")
    assert entry["actor"]["kind"] == "staff"
    assert own not in browser.get("/console/").text


def test_bank_details_need_two_people_and_payments_are_booked_in_yuan(
    timed: District, browser: Browser, clock: SetClock
) -> None:
    clock.set(month(1))
    first, second, shop = hire(timed, clock=clock), hire(timed, clock=clock), timed.shop.merchant_id
    here = f"{HERE}/accounts/{shop}"
    come(browser, first)
    assert here in browser.get(f"/console/merchants/{shop}").text
    details = {"bank_details.holder": "柳浪小灶", "bank_details.account_number": "0012345678"}
    browser.get(here)
    seen = form_of(browser.text, f"{here}/bank-details")["seen"]
    assert "******5678" in browser.post(f"{here}/bank-details", seen=seen, **details).text
    assert "0012345678" not in browser.text
    late = browser.post(f"{here}/bank-details", seen=seen, **details)
    assert (late.status, form_of(late.text, f"{here}/bank-details")["bank_details.holder"]) == (409, ["柳浪小灶"])
    assert browser.post(f"{here}/approve").status == 409
    assert browser.post(f"{here}/deposits", kind="received", amount="￥500", reference="1").status == 200
    assert "¥500.00" in browser.text
    assert come(browser, second).post(f"{here}/approve").status == 200
    account = timed.api.get(f"/v1/merchants/{shop}/settlement-account", timed.key).ok(200)
    assert (account["deposit"], account["bank_details"]["approved_at"] is None) == (50_000, False)
    approved = told_of(timed, "settlement_account.approved")[0]["actor"]["id"]
    assert approved != told_of(timed, "settlement_account.changed")[0]["actor"]["id"]

    slip = {"bank_reference": "20260415-1", "booked_on": month(1).date().isoformat()}
    booked = browser.post(f"{HERE}/payments/new", merchant_id=shop, amount="1,234.50", **slip)
    assert booked.page == "console-payment"
    [paid] = timed.api.get("/v1/payments", timed.key).ok(200)["data"]
    assert (paid["party"]["id"], paid["paid_amount"], paid["state"]) == (shop, 123_450, "succeeded")
    assert paid["id"] in browser.get(f"{HERE}/payments?merchant_id={shop}").text
    assert paid["id"] not in browser.get(f"{HERE}/payments?state=failed").text
    assert browser.post(f"{HERE}/payments/new", amount="x", **slip).status == 422
