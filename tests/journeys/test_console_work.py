"""Imports, exports and the tray in the console: a file is sent, looked at, recorded, left and found again."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.exports.tasks import make_export
from app.imports.tasks import work_on
from tests.factories.browsing import OURS, Browser
from tests.factories.clock import now
from tests.factories.coupons import campaign_of, new_campaign, order_codes
from tests.factories.districts import District, new_phone
from tests.factories.html_forms import form_of
from tests.factories.imports import HEAD, csv_of, read, sales_of
from tests.factories.staff import hire

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def browser(app: Flask) -> Iterator[Browser]:
    with app.test_client() as client:
        yield Browser(client)


@pytest.fixture
def desk(browser: Browser, district: District) -> Browser:
    """An admin's browser."""
    return browser.sign_in(hire(district))


def send(browser: Browser, content: bytes, kind: str = "sales", **more: str) -> str:
    """Sends a file by the form; gives the id of its import."""
    fields: dict[str, Any] = {"kind": kind, **more, "file": (io.BytesIO(content), "sales.csv")}
    how: dict[str, Any] = {"content_type": "multipart/form-data", "base_url": "https://localhost"}
    reply = browser.client.post("/console/imports", data=fields, headers=OURS, **how)
    assert reply.status_code == 303, reply.text
    return str(reply.headers["Location"]).rpartition("/")[2]


def newest(district: District, kind: str) -> Any:
    return district.api.get(f"/v1/audit-entries?action={kind}", district.key).ok(200)["data"][0]


def test_a_file_is_sent_looked_at_recorded_and_taken_back(desk: Browser, district: District) -> None:
    assert desk.get("/console/imports").status == 200
    made = send(desk, sales_of(district, ["A1", "A2"]) + csv_of(("A3", "x", "", "", "")))
    page = f"/console/imports/{made}"
    assert "data-goes-on" in desk.get(page).text
    assert desk.get("/console/work").text.count("sales.csv") == 1, "it may be left, and is found again"
    work_on(district.id, made)
    shown = desk.get(page).text
    assert "A1" in shown
    assert "流水号" in shown
    assert desk.post(f"{page}/start").status == 200
    work_on(district.id, made)
    done = read(district, made, district.key)
    assert (done["status"], done["recorded"], done["refused"]) == ("done", 2, 1)
    assert newest(district, "import.started")["actor"]["kind"] == "staff"
    assert "A3" in desk.get(f"{page}/refused").text
    assert desk.post(f"{page}/undo").status == 200
    work_on(district.id, made)
    assert read(district, made, district.key)["undone"] == 2
    assert desk.get(page).status == 200


def test_columns_that_nobody_knows_are_chosen(desk: Browser, district: District) -> None:
    at = f"{now() - timedelta(days=1):%Y-%m-%d 12:00:00}"
    made = send(desk, csv_of(("票据", "钱款", "时间", "电话"), ("A1", "12.8", at, new_phone())))
    work_on(district.id, made)
    page = f"/console/imports/{made}"
    assert "钱款" in desk.get(page).text
    sent = form_of(desk.text, f"{page}/columns")
    chosen = {"columns.reference": "票据", "columns.amount": "钱款", "constants.store_code": district.shop.store_code}
    assert desk.post(f"{page}/columns", **{**sent, **chosen}).status == 200
    work_on(district.id, made)
    ready = read(district, made, district.key)
    assert (ready["status"], ready["preview"][0]["item"]["amount"]) == ("ready", 1280)


def test_a_list_is_exported_as_it_is_looked_at(desk: Browser, district: District) -> None:
    for one in ("A1", "A2"):
        district.report(reference=one).ok(201)
    page = "/console/exports/new?of=transactions&reference=A2"
    assert desk.get(page).status == 200
    assert (
        desk.post("/console/exports/new", **{**form_of(desk.text, "/console/exports/new"), "format": "csv"}).status
        == 200
    )
    made = newest(district, "export.asked")["subject"]["id"]
    assert "data-goes-on" in desk.get("/console/exports").text
    make_export(district.id, made)
    content = desk.get(f"/console/exports/{made}/download").text
    assert ("A2" in content, "A1" in content) == (True, False)
    assert newest(district, "export.downloaded")["subject"]["id"] == made
    assert desk.get("/console/work").status == 200


def test_lists_of_people_want_the_password_again(
    browser: Browser, district: District, superuser: psycopg.Connection
) -> None:
    admin = hire(district)
    browser.sign_in(admin)
    superuser.execute(
        "UPDATE staff_sessions SET proven_at = proven_at - interval '6 minutes' WHERE account_id = %s",
        (admin.account_id[-32:],),
    )
    assert browser.get("/console/exports/new?of=members").page == "console-password-again"
    assert browser.post("/console/exports/new", of="members").page == "console-password-again"
    assert browser.get("/console/exports/new?of=stores").page == "console-export-new"


def test_a_merchant_s_manager_imports_its_own_alone(browser: Browser, district: District) -> None:
    manager = hire(district, "merchant_manager")
    browser.sign_in(manager)
    shown = browser.get("/console/imports").text
    assert 'value="sales"' in shown
    assert 'value="members"' not in shown
    theirs = csv_of(
        HEAD, ("B1", "1", f"{now() - timedelta(days=1):%Y-%m-%d 12:00:00}", "", district.other_shop.store_code)
    )
    made = send(browser, theirs)
    work_on(district.id, made)
    browser.post(f"/console/imports/{made}/start")
    work_on(district.id, made)
    assert district.api.get("/v1/transactions", district.key).ok(200)["data"] == []


@pytest.mark.parametrize("page", ["imports", "exports"])
def test_things_of_another_district_or_merchant_are_nowhere(
    browser: Browser, district: District, other_district: District, page: str
) -> None:
    ids = []
    for one in (other_district, district):
        path, body = (
            ("/v1/imports?kind=sales", b"a,b\r\n1,2\r\n") if page == "imports" else ("/v1/exports", {"list": "refunds"})
        )
        ids.append(one.api.post(path, body, one.other_shop.key).ok(202)["id"])
    browser.sign_in(hire(district, "merchant_manager"))
    for one in ids:
        for verb in ("", "/refused", "/download"):
            assert browser.get(f"/console/{page}/{one}{verb}").status == 404
        for verb in ("start", "cancel", "undo", "columns"):
            assert browser.post(f"/console/{page}/{one}/{verb}").status == 404


def test_what_is_under_way_is_stopped_where_all_of_it_is_seen(desk: Browser, district: District) -> None:
    made = send(desk, sales_of(district, ["A1"]))
    stop = f"/console/imports/{made}/cancel"
    assert stop in desk.get("/console/work").text
    desk.post(stop)
    assert stop not in desk.get("/console/work").text
    work_on(district.id, made)
    assert district.api.get(f"/v1/imports/{made}", district.key).ok(200)["status"] == "cancelled"
    assert district.api.get("/v1/transactions", district.key).ok(200)["data"] == []


def test_codes_that_are_being_made_are_stopped_from_the_tray(desk: Browser, district: District) -> None:
    campaign = new_campaign(district, issuing=["code_batch"], stock=100)
    batch_id = order_codes(district, campaign["id"], 100).ok(202)["id"]
    stop = f"/console/code-batches/{batch_id}/cancel"
    assert f'action="{stop}"' in desk.get("/console/work").text
    shown = desk.post(stop)
    assert (shown.page, "名额已退回活动" in shown.text) == ("console-code-batch", True)
    assert newest(district, "code_batch.cancelled")["actor"]["kind"] == "staff"
    assert f'action="{stop}"' not in desk.get("/console/work").text
    assert campaign_of(district, campaign["id"])["counts"]["left"] == 100


def test_what_an_export_was_asked_for_is_said_in_words(desk: Browser, district: District) -> None:
    shop = district.shop
    query = f"merchant_id={shop.merchant_id}&status=refunded&occurred_from=2026-11-01&sort=-amount"
    asked = desk.get(f"/console/exports/new?of=transactions&{query}").text
    name = district.api.get(f"/v1/merchants/{shop.merchant_id}", district.key).ok(200)["name"]
    for words in (name, "已退款", "账单从大到小", "11月1日"):
        assert words in asked
    fields = dict(one.split("=") for one in query.split("&"))
    shown = desk.post("/console/exports/new", of="transactions", format="csv", **fields).text
    for words in (name, "已退款", "账单从大到小", "11月1日"):
        assert words in shown
    assert "occurred_from" not in shown
    export = district.api.get("/v1/audit-entries?action=export.asked", district.key).ok(200)["data"][0]
    assert make_export(district.id, export["subject"]["id"])
    for other in ("points_entries", "coupons", "stores"):
        assert desk.get(f"/console/exports/new?of={other}").status == 200
    assert "of=members&" not in desk.get("/console/members?sort=-last_purchase").text.replace(
        "of=members&amp;phone", ""
    )
