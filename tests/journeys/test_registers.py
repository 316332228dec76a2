"""What people of the alliance and of shops do in the console with sales, members, shops and complaints."""

from __future__ import annotations

import json
import re

import psycopg
import pytest
from flask import Flask

from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api
from tests.factories.browsing import Browser
from tests.factories.cases import complain
from tests.factories.clock import ago
from tests.factories.districts import District, new_district, new_phone
from tests.factories.staff import hire
from tests.factories.webhooks import take_all

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture(scope="module")
def street(app: Flask) -> District:
    return new_district(Api.inside(app, OPERATOR_KEY))


@pytest.fixture(scope="module")
def admin(app: Flask, street: District) -> Browser:
    """Who may do everything there; signed in."""
    return Browser(app.test_client()).sign_in(hire(street))


@pytest.fixture(scope="module")
def manager(app: Flask, street: District) -> Browser:
    """Who runs the first shop; signed in."""
    return Browser(app.test_client()).sign_in(hire(street, "merchant_manager"))


def number_of(street: District, member: str) -> str:
    return str(street.api.get(f"/v1/members/{member}", street.key).ok()["number"])


def actions(street: District, subject: str) -> list[str]:
    """What the audit log says of something, the last first."""
    found = street.api.get(f"/v1/audit-entries?subject_id={subject}&limit=100", street.key).ok()["data"]
    return [one["action"] for one in found]


def heads(browser: Browser, path: str) -> list[str]:
    """Where clicks on the heads of a list lead."""
    links = re.findall(r'class="sorts" href="([^"]+)"', browser.get(path).text)
    return [one.replace("&amp;", "&") for one in links]


def linked(browser: Browser, path: str, prefix: str) -> list[str]:
    """Ids that the rows of a list lead to, in their order."""
    return re.findall(rf'<th scope="row"><a href="/console/\w+/({prefix}_\w+)"', browser.get(path).text)


def test_lists_are_sorted_by_their_heads(app: Flask, superuser: psycopg.Connection) -> None:
    """Sales by time and bill, merchants by name and sales, members by their last purchase, which is the alliance's to know."""
    street = new_district(Api.inside(app, OPERATOR_KEY))
    often, once, _never = (street.member() for _ in range(3))
    old = street.report(member_id=once, amount=5_000, occurred_at=ago(days=2)).ok(201)["id"]
    big = street.report(member_id=often, amount=9_000, store_id=street.other_shop.store_id).ok(201)["id"]
    small = street.report(member_id=often, amount=1_000).ok(201)["id"]
    take_all(app, superuser, street.id)
    admin = Browser(app.test_client()).sign_in(hire(street))
    by_time, by_bill = heads(admin, "/console/sales?status=recorded")
    assert linked(admin, by_bill, "txn") == [big, old, small]
    assert 'aria-sort="descending"' in admin.text
    assert linked(admin, heads(admin, by_bill)[1], "txn") == [small, old, big]
    assert linked(admin, f"{by_time}&starting_after={small}", "txn") == [big, old]
    by_name, by_sales = heads(admin, "/console/merchants")
    first, other = street.shop.merchant_id, street.other_shop.merchant_id
    assert linked(admin, by_sales, "mer") == [other, first]
    assert linked(admin, f"{by_sales}&starting_after={other}", "mer") == [first]
    assert linked(admin, f"{by_sales}&ending_before={first}", "mer") == [other]
    names = re.findall(r'<a href="/console/merchants/mer_\w+" data-foreign>([^<]+)<', admin.get(by_name).text)
    assert names == sorted(names)
    [by_last] = heads(admin, "/console/members")
    assert linked(admin, by_last, "mem") == [often, once]
    assert linked(admin, f"{by_last}&starting_after={often}", "mem") == [once]
    manager = Browser(app.test_client()).sign_in(hire(street, "merchant_manager"))
    assert heads(manager, "/console/members") == []
    assert linked(manager, by_last, "mem") == linked(manager, "/console/members", "mem")
    assert manager.get("/console/sales?sort=phone").text.count("txn_") > 0


def test_a_sale_is_found_read_and_given_back(street: District, manager: Browser) -> None:
    member = street.member()
    sale = street.report(member_id=member, reference="T-77").ok(201)["id"]
    assert f"/console/sales/{sale}" in manager.get("/console/sales?reference=T-77").text
    assert manager.get("/console/sales?reference=T-78").text.count("/console/sales/txn_") == 0
    assert manager.get("/console/sales?occurred_from=yesterday").text.count("aria-invalid") == 1
    shown = manager.get(f"/console/sales/{sale}")
    assert "¥128.00" in shown.text
    assert number_of(street, member) in shown.text
    refund = {"transaction_id": sale, "amount": "200", "reference": "T-77-R1", "reason": "退一件"}
    assert manager.post(f"/console/sales/{sale}/refund", **refund).status == 422
    assert 'value="200"' in manager.text
    once = {"once": "a-form-that-is-sent-twice"}
    for _ in range(2):
        assert manager.post(f"/console/sales/{sale}/refund", **{**refund, **once, "amount": "￥28"}).status == 200
    found = street.api.get(f"/v1/refunds?transaction_id={sale}", street.key).ok()["data"]
    assert [(one["amount"], one["reason"]) for one in found] == [(2800, "退一件")]
    assert actions(street, found[0]["id"]) == ["refund.recorded"], "who gave it back in the console is told by the log"
    assert "T-77-R1" in manager.get("/console/refunds").text
    assert f"/console/sales/{sale}" in manager.get("/console/sales?status=partially_refunded").text


def test_a_sale_of_nobody_is_given_to_who_comes_back(street: District, admin: Browser) -> None:
    phone = new_phone()
    member, sale = street.member(phone), street.report().ok(201)["id"]
    assert admin.post(f"/console/sales/{sale}/claim", owner="13800000001").status == 404
    assert admin.page == "console-sale"
    assert admin.post(f"/console/sales/{sale}/claim", owner=f"{phone[:3]} {phone[3:7]} {phone[7:]}").status == 200
    assert street.api.get(f"/v1/transactions/{sale}", street.key).ok()["member_id"] == member
    assert "transaction.claimed" in actions(street, sale)


def test_a_card_says_what_moved_the_points_and_why(street: District, admin: Browser) -> None:
    member = street.member(name="王小明", tags=["staff"])
    street.report(member_id=member).ok(201)
    shown = admin.get(f"/console/members/{member}").text
    assert all(text in shown for text in ("王小明", "+128", "staff", "店 A101"))
    assert f"/console/members/{member}" in admin.get(f"/console/members?number={number_of(street, member)}").text
    assert "member.read" in actions(street, member)
    admin.post(f"/console/members/{member}/points", points="-20", reason="录错了")
    assert "录错了" in admin.text
    assert street.balance(member)["available"] == 108
    assert admin.post(f"/console/members/{member}/points", points="-500", reason="x").status == 422
    assert "points.adjusted" in actions(street, member)


def test_a_member_is_changed_stopped_and_let_go_on(street: District, admin: Browser) -> None:
    member, phone = street.member(name="王", tags=["a", "b"]), new_phone()
    here = f"/console/members/{member}"
    admin.post(f"{here}/profile", name="王芳", birthday="1990-05-01")
    admin.post(f"{here}/phone", phone=phone, reason="SIM lost")
    told = street.api.get(f"/v1/members/{member}", street.key).ok()
    assert (told["name"], told["birthday"], told["masked_phone"][-4:]) == ("王芳", "1990-05-01", phone[-4:])
    assert admin.post(f"{here}/phone", phone=new_phone(), reason="").status == 422
    assert admin.page == "console-member-change"
    admin.post(f"{here}/tags", tags="")
    assert street.api.get(f"/v1/members/{member}", street.key).ok()["tags"] == []
    for act, status in (("freeze", "frozen"), ("freeze", "frozen"), ("unfreeze", "active")):
        admin.post(f"{here}/{act}")
        assert street.api.get(f"/v1/members/{member}", street.key).ok()["status"] == status
    assert actions(street, member).count("member.frozen") == 1, "who repeats an act has done nothing"
    admin.post(f"{here}/spend-lock", locked="true")
    assert street.balance(member)["spend_locked"] is True
    consent = {"controller": "district", "purpose": "membership", "version": "2026-01", "granted": "false"}
    assert admin.post(f"{here}/consents", **consent).page == "console-member-change"
    export = street.api.get(f"/v1/members/{member}/export", street.key).ok()
    assert [(one["granted"], one["way"]) for one in export["consents"]] == [(False, "staff")]


def test_two_members_become_one_after_a_look(street: District, admin: Browser) -> None:
    old, survivor = street.member(), street.member()
    for one in (old, survivor):
        street.report(member_id=one).ok(201)
    asked = admin.get(f"/console/members/{old}/merge?into={number_of(street, survivor)}")
    assert "256" in asked.text
    assert street.balance(old)["available"] == 128, "a look changes nothing"
    assert admin.get(f"/console/members/{old}/merge?into=13800000001").text.count("aria-invalid") == 1
    assert admin.post(f"/console/members/{old}/merge", into=survivor).at == f"/console/members/{survivor}"
    assert street.balance(survivor)["available"] == 256
    assert admin.get(f"/console/members/{old}").at == f"/console/members/{survivor}"


def test_a_person_is_exported_after_the_password_and_forgotten_by_its_number(
    street: District, admin: Browser, superuser: object
) -> None:
    member = street.member(name="王小明")
    superuser.execute("UPDATE staff_sessions SET proven_at = proven_at - interval '6 minutes'")  # type: ignore[attr-defined]
    assert admin.get(f"/console/members/{member}/export").page == "console-password-again"
    assert "member.exported" not in actions(street, member)
    fields = {"next": f"/console/members/{member}/export", "password": "a horse that reads maps"}
    assert json.loads(admin.post("/console/account/password-again", **fields).text)["member"]["name"] == "王小明"
    here = f"/console/members/{member}/erase"
    assert admin.post(here, number="0000000000").status == 422
    assert street.api.get(f"/v1/members/{member}", street.key).ok()["status"] == "active"
    assert admin.post(here, number=number_of(street, member)).page == "console-members"
    assert street.api.get(f"/v1/members/{member}", street.key).ok()["status"] == "erased"
    assert "王小明" not in admin.get(f"/console/members/{member}").text


def test_a_merchant_joins_with_its_store_and_hours(street: District, admin: Browser) -> None:
    admin.post("/console/merchants/new", name="一品茶楼", code="T9", category="tea")
    merchant = re.findall(r"/console/merchants/(mer_\w+)/stores/new", admin.text)[0]
    hours = {"opening_hours.0.weekdays": "6", "opening_hours.0.from": "10:00", "opening_hours.0.to": "22:00"}
    blank = {"opening_hours.1.from": "", "opening_hours.1.to": ""}
    store = {"merchant_id": merchant, "name": "东街店", "code": "T9-1", "zone": "east", "area_m2": "120"}
    assert (
        admin.post(f"/console/merchants/{merchant}/stores/new", **{**store, "code": street.shop.store_code}).status
        == 409
    )
    assert admin.post(f"/console/merchants/{merchant}/stores/new", **store, **hours, **blank).page == "console-store"
    [made] = street.api.get(f"/v1/stores?merchant_id={merchant}", street.key).ok()["data"]
    assert made["opening_hours"] == [{"weekdays": [6], "from": "10:00", "to": "22:00"}]
    here = f"/console/merchants/stores/{made['id']}"
    half = {**hours, "opening_hours.0.to": "", "opening_hours": ""}
    assert admin.post(here, name="东街店", code="T9-1", **half).status == 422
    assert 'value="10:00"' in admin.text
    assert admin.post(here, name="东街店", code="T9-1", opening_hours="").status == 200
    assert street.api.get(f"/v1/stores/{made['id']}", street.key).ok()["opening_hours"] is None
    assert admin.get(f"{here}/poster-a4.pdf").text.startswith("%PDF-")
    assert "一品茶楼" in admin.get(f"{here}/poster-card.svg").text
    assert admin.get(f"{here}/poster-a5.svg").status == 404


def test_who_saves_second_is_told_and_loses_nothing(street: District, admin: Browser) -> None:
    here = f"/console/merchants/{street.other_shop.merchant_id}"
    [seen] = re.findall(r'name="seen" value="(\w+)"', admin.get(here).text)
    street.api.call("PATCH", f"/v1{here.removeprefix('/console')}", {"name": "新名字"}, key=street.key).ok(200)
    mine = {"name": "我的名字", "code": "B202", "category": ""}
    assert admin.post(here, **mine, seen=seen).status == 409
    assert 'value="我的名字"' in admin.text
    assert street.api.get(f"/v1{here.removeprefix('/console')}", street.key).ok()["name"] == "新名字"
    [now] = re.findall(r'name="seen" value="(\w+)"', admin.text)
    assert admin.post(here, **mine, seen=now).status == 200
    assert street.api.get(f"/v1{here.removeprefix('/console')}", street.key).ok()["name"] == "我的名字"


def test_a_complaint_is_answered_by_its_shop_once(street: District, manager: Browser, admin: Browser) -> None:
    member = street.member()
    sale = street.report(member_id=member).ok(201)["id"]
    case = complain(street, member, sale).ok(201)["id"]
    assert f"/console/cases/{case}" in manager.get("/console/cases?step=open").text
    assert "少算了一杯茶的积分" in manager.get(f"/console/cases/{case}").text
    assert manager.post(f"/console/cases/{case}/answer", answer="已补 20 积分").status == 200
    assert admin.post(f"/console/cases/{case}/answer", answer="另一个答复").status == 409
    assert "已补 20 积分" in admin.text
    assert street.api.get(f"/v1/cases/{case}", street.key).ok()["answer"] == "已补 20 积分"
    assert f"/console/cases/{case}" in admin.get(f"/console/sales/{sale}").text
