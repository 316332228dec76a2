"""Settings in the console: who did what, keys, webhooks, terms; and the operator's districts."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.staff.people import founding
from tests.factories.api import Api
from tests.factories.browsing import Browser
from tests.factories.checksums import Watch
from tests.factories.console_pages import addresses
from tests.factories.coupons import new_campaign
from tests.factories.districts import District
from tests.factories.html_forms import form_of
from tests.factories.staff import PASSWORD, Person, accept, hire, new_email

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def browser(app: Flask) -> Iterator[Browser]:
    with app.test_client() as client:
        yield Browser(client)


@pytest.fixture
def desk(browser: Browser, district: District) -> Browser:
    """An admin's browser."""
    return browser.sign_in(hire(district))


def test_the_log_is_read_in_words_by_person_subject_act_and_day(browser: Browser, district: District) -> None:
    admin = hire(district, name="沈岚")
    campaign = new_campaign(district)["id"]
    browser.sign_in(admin)
    browser.post(f"/console/campaigns/{campaign}/pause")
    text = browser.get("/console/audit").text
    assert "活动 · 已暂停" in text
    assert "沈岚" in text
    assert "活动 · 已暂停" not in browser.get("/console/audit?action=campaign.published").text
    by_person = browser.get(f"/console/audit?actor_id={admin.account_id}&subject_id={campaign}").text
    assert f'<option value="{admin.account_id}" selected data-foreign>沈岚</option>' in by_person, "by name"
    assert by_person.count("<tr>") == 2
    assert "没有符合条件的记录" in browser.get("/console/audit?to=2020-01-01").text
    assert browser.get("/console/audit?from=yesterday").status == 200
    manager = hire(district, "merchant_manager")
    browser.post("/console/sign-out")
    assert browser.sign_in(manager).get("/console/audit").status == 403


def told_of(district: District, action: str) -> list[Any]:
    return list(district.api.get(f"/v1/audit-entries?action={action}", district.key).ok(200)["data"])


def shown_secret(browser: Browser) -> str:
    """What the page shows once."""
    assert browser.page == "console-secret"
    [secret] = re.findall(r'<p class="secret link" data-foreign>(\S+)</p>', browser.text)
    return str(secret)


def test_a_key_is_made_used_renewed_and_revoked(desk: Browser, district: District, superuser: Any) -> None:
    made = desk.post(
        "/console/keys/new", name="ERP", merchant_id=district.shop.merchant_id, scopes=["transactions:read"]
    )
    secret = shown_secret(made)
    assert district.api.get("/v1/transactions", secret).status == 200
    assert secret not in desk.get("/console/keys").text
    [entry] = told_of(district, "api_key.created")[:1]
    key_id = entry["subject"]["id"]
    assert (entry["actor"]["kind"], entry["details"]["scopes"]) == ("staff", ["transactions:read"])
    here = f"/console/keys/{key_id}"
    renewed = shown_secret(desk.post(f"{here}/rotate", overlap_seconds="0"))
    assert district.api.get("/v1/transactions", renewed).status == 200
    assert desk.post(f"{here}/revoke").page == "console-keys"
    assert "已作废" in desk.get(here).text
    assert desk.post("/console/keys/new", name="").status == 422
    assert desk.page == "console-new-key"
    superuser.execute("UPDATE staff_sessions SET proven_at = proven_at - interval '6 minutes'")
    assert desk.get("/console/keys/new").page == "console-password-again"
    assert desk.post("/console/keys/new", name="ERP").page == "console-password-again"
    assert told_of(district, "api_key.created")[0] == entry, "none was made"


def test_a_webhook_is_told_and_its_answers_are_seen(desk: Browser, district: District) -> None:
    assert desk.post("/console/webhooks/new", url="ftp://erp.example.com", events="*").status == 422
    secret = shown_secret(
        desk.post("/console/webhooks/new", url="https://erp.example.com/q", events="member.*\r\npoints.earned")
    )
    assert secret.startswith("whsec_")
    [endpoint] = district.api.get("/v1/webhook-endpoints", district.key).ok(200)["data"]
    assert (endpoint["events"], endpoint["description"]) == (["member.*", "points.earned"], None)
    here = f"/console/webhooks/{endpoint['id']}"
    sent = form_of(desk.get(here).text, here)
    assert desk.post(here, **{**sent, "description": ["ERP"]}).page == "console-webhook"
    assert told_of(district, "webhook_endpoint.changed")[0]["details"] == {"fields": ["description"]}
    assert desk.post(f"{here}/disable").page == "console-webhook"
    assert "已停用" in desk.text
    desk.post(f"{here}/enable")
    assert shown_secret(desk.post(f"{here}/rotate")) != secret
    assert desk.post(f"{here}/replay", **{"from": "2026-01-01T00:00", "to": "2025-01-01T00:00"}).status == 422
    assert (
        desk.post(f"{here}/replay", **{"from": "2020-01-01T00:00", "to": "2099-01-01T00:00"}).page == "console-webhook"
    )
    district.member()
    desk.post(f"{here}/replay", **{"from": "2020-01-01T00:00", "to": "2099-01-01T00:00"})
    [delivery, *_] = district.api.get(f"/v1/webhook-endpoints/{endpoint['id']}/deliveries", district.key).ok(200)[
        "data"
    ]
    assert delivery["event_type"] in desk.get(here).text
    assert desk.post(f"/console/webhook-deliveries/{delivery['id']}/replay").page == "console-webhook"
    assert desk.post(f"{here}/delete").page == "console-webhooks"
    assert district.api.get("/v1/webhook-endpoints", district.key).ok(200)["data"] == []


def test_settings_are_changed_one_by_one(desk: Browser, district: District) -> None:
    here = "/console/settings"
    terms = form_of(desk.get(here).text, f"{here}/programme")
    changed = {
        **terms,
        "pending_days": ["7"],
        "expiry.policy": ["year_end"],
        "expiry.grace_months": ["3"],
        "late_sale_days": [""],
    }
    assert desk.post(f"{here}/programme", **{**changed, "merchant_campaigns": ["true"]}).page == "console-settings"
    known = district.api.get("/v1/programme", district.key).ok(200)
    assert (known["pending_days"], known["late_sale_days"], known["merchant_campaigns"]) == (7, None, True)
    assert known["expiry"] == {"policy": "year_end", "grace_months": 3}
    [entry] = told_of(district, "programme.changed")
    assert entry["details"]["fields"] == ["expiry", "late_sale_days", "merchant_campaigns", "pending_days"]
    assert desk.post(f"{here}/programme", **form_of(desk.text, f"{here}/programme")).page == "console-settings"
    assert len(told_of(district, "programme.changed")) == 1, "the second time nothing was changed"
    late = desk.post(f"{here}/programme", **{**terms, "pending_days": ["9"]})
    assert (late.status, form_of(late.text, f"{here}/programme")["pending_days"]) == (409, ["9"])
    assert (
        desk.post(f"{here}/programme", **{**form_of(late.text, f"{here}/programme"), "max_spend_percent": "101"}).status
        == 422
    )


def test_a_district_takes_another_name_and_colour(desk: Browser, district: District, other_district: District) -> None:
    here, path = "/console/settings", "/console/settings/district"
    sent = form_of(desk.get(here).text, path)
    assert desk.post(path, **{**sent, "name": ["湖滨新街"], "brand_color": ["#123456"]}).page == "console-settings"
    assert "湖滨新街" in desk.text
    assert told_of(district, "district.changed")[0]["details"] == {"fields": ["brand_color", "name"]}
    assert desk.post(path, **{**sent, "name": ["旧街"]}).status == 409, "it was opened before"
    assert desk.post(path, **{**form_of(desk.text, path), "brand_color": ["#ffffff"]}).status == 422
    other = district.api.get("/v1/districts?limit=100", district.api.operator_key).ok(200)["data"]
    assert {one["id"]: one["name"] for one in other if one["id"] in (district.id, other_district.id)} == {
        district.id: "湖滨新街",
        other_district.id: "湖滨步行街",
    }


@pytest.mark.parametrize("role", ["alliance_viewer", "merchant_manager", "cashier"])
def test_who_lacks_the_rights_changes_no_setting(browser: Browser, district: District, watch: Watch, role: str) -> None:
    browser.sign_in(hire(district, role, strong=role == "merchant_manager"))
    before = watch.sums(district.id)
    for path in (
        "/console/keys",
        "/console/keys/new",
        "/console/webhooks",
        "/console/webhooks/new",
        "/console/installation",
    ):
        assert browser.get(path).status == 403, path
    for path in ("keys/new", "webhooks/new", "settings/programme", "settings/district", "installation/new"):
        assert browser.post(f"/console/{path}", name="x").status in (403, 422), path
    assert watch.sums(district.id) == before


def test_things_of_another_district_are_not_set(
    desk: Browser, district: District, other_district: District, watch: Watch
) -> None:
    key = other_district.api.post("/v1/api-keys", {"name": "x"}, other_district.key).ok(201)["id"]
    body = {"url": "https://erp.example.com/q"}
    endpoint = other_district.api.post("/v1/webhook-endpoints", body, other_district.key).ok(201)["id"]
    before = watch.sums(other_district.id)
    for one in addresses({"key": key, "whe": endpoint}, "keys", "webhooks"):
        assert one.ask(desk) == 404, one
    assert watch.sums(other_district.id) == before


@pytest.fixture
def operator(api: Api, district: District) -> Person:
    """Who keeps the installation."""
    login = new_email()
    url = founding.invite_first(None, login, "运维")
    opened = accept(api, url).ok(201)
    person = Person(api, login, PASSWORD, opened["account_id"], opened["access_token"])
    person.set_up_totp()
    return person


def test_the_operator_makes_a_district_and_sees_what_it_uses(
    browser: Browser, api: Api, district: District, operator: Person
) -> None:
    assert browser.sign_in(operator).get("/console/installation").page == "console-tenants"
    path, slug = "/console/installation/new", f"n{secrets.token_hex(6)}"
    sent = {**form_of(browser.get(path).text, path), "name": ["新街"], "slug": [slug], "mode": ["sandbox"]}
    assert browser.post(path, **{**sent, "slug": ["Not A Slug"]}).status == 422
    made = browser.post(path, **sent)
    assert made.page == "console-made-tenant"
    [key] = re.findall(r"sk_test_\w+", made.text)
    assert api.get("/v1/programme", key).status == 200
    assert slug in browser.get("/console/installation").text
    [entry] = api.get("/v1/audit-entries?action=district.created", key).ok(200)["data"]
    assert entry["actor"]["kind"] == "operator"
    here = f"/console/installation/{entry['subject']['id']}"
    assert browser.post(here, name="新新街", brand_color="").page == "console-tenants"
    assert "新新街" in browser.text
    assert browser.post(path, **{**sent, "once": [""]}).status == 409, "its address is taken"
    usage = browser.get("/console/installation/usage")
    assert (usage.page, "新新街" in usage.text) == ("console-usage", True)
    health = browser.get("/console/installation/health")
    assert (health.page, "一切正常" in health.text) == ("console-health", True)
    assert browser.get("/console/campaigns").status == 403
    assert browser.get(f"/console/installation/dis_{'1' * 32}").status == 404
