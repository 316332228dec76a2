"""Plan and bills in the console; and a console that only shows, while all that trades goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.staff.people import founding
from tests.factories.api import Api
from tests.factories.browsing import Browser
from tests.factories.checksums import Watch
from tests.factories.districts import District
from tests.factories.staff import PASSWORD, Person, accept, hire, new_email

pytestmark = pytest.mark.usefixtures("context")
PLAN = {"name": "街区版", "base_amount": 29900, "sale_amount": "0.5", "trial_days": 30}


@pytest.fixture
def browser(app: Flask) -> Iterator[Browser]:
    with app.test_client() as client:
        yield Browser(client)


def agree(district: District) -> None:
    api = district.api
    plan = api.post("/v1/plans", PLAN, api.operator_key).ok(201)
    api.post(f"/v1/districts/{district.id}/billing", {"plan_id": plan["id"]}, api.operator_key).ok(202)


def turn(superuser: Any, district: District, status: str) -> None:
    superuser.execute("UPDATE subscriptions SET status = %s WHERE district_id = %s", (status, district.id[4:]))


@pytest.mark.parametrize("status", ["limited", "ended"])
def test_who_has_not_paid_sees_all_and_changes_nothing_while_tills_go_on(
    browser: Browser, district: District, superuser: Any, watch: Watch, status: str
) -> None:
    desk = browser.sign_in(hire(district))
    agree(district)
    turn(superuser, district, status)
    before = watch.sums(district.id)
    refused = desk.post("/console/merchants/new", code="NEW1", name="New")
    assert refused.status == 403
    assert "账单未付" in refused.text
    assert watch.sums(district.id) == before
    for path in ("merchants", "members", "settings", "billing"):
        assert desk.get(f"/console/{path}").status == 200
    assert "街区版" in desk.text
    member = district.member()
    sale = district.report(member_id=member).ok(201)
    refund = {"transaction_reference": sale["reference"], "reference": "RF-1", "amount": 100}
    district.api.post("/v1/refunds", refund, district.shop.key).ok(201)
    turn(superuser, district, "active")
    assert desk.post("/console/merchants/new", code="NEW1", name="New").status == 200
    turn(superuser, district, status)
    assert desk.post("/console/sign-out").at == "/console/sign-in"


def test_a_district_without_a_plan_is_told_so(browser: Browser, district: District) -> None:
    desk = browser.sign_in(hire(district))
    assert desk.get("/console/billing").page == "console-billing"
    assert "还没有套餐" in desk.text


def test_the_operator_gives_a_plan_and_sees_how_it_stands(browser: Browser, district: District, api: Api) -> None:
    plan = api.post("/v1/plans", PLAN, api.operator_key).ok(201)
    login = new_email()
    opened = accept(api, founding.invite_first(None, login, "运维")).ok(201)
    operator = Person(api, login, PASSWORD, opened["account_id"], opened["access_token"])
    operator.set_up_totp()
    desk = browser.sign_in(operator).get("/console/installation/bills")
    assert (desk.page, "没有套餐" in desk.text) == ("console-bills", True)
    given = desk.post(f"/console/installation/{district.id}/billing", plan_id=plan["id"])
    assert (given.page, "正在开通" in given.text) == ("console-bills", True)
    assert district.api.get("/v1/billing", district.key).ok(200)["plan"]["id"] == plan["id"]
    [entry] = api.get("/v1/audit-entries?action=billing.agreed", district.key).ok(200)["data"]
    assert entry["actor"]["kind"] == "operator"
    assert desk.post(f"/console/installation/{district.id}/billing", plan_id=plan["id"]).status == 409


def test_no_district_sees_the_bills_of_others(browser: Browser, district: District) -> None:
    assert browser.sign_in(hire(district)).get("/console/installation/bills").status == 403
