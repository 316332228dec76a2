"""What all pages do: they speak the language that was chosen, refuse in words, and do once what is sent twice."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from flask import Flask
from flask.testing import FlaskClient

from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.signin.sessions import services as sessions
from tests.factories.coupons import coupons_of, new_campaign
from tests.factories.districts import District, new_phone

HTTPS = "https://localhost"


def browser(app: Flask, district: District, member_id: str) -> FlaskClient:
    with app.app_context(), unit_of_work(system_principal(district.id)) as uow:
        token = sessions.start_in_browser(uow, member_id)
    client = app.test_client()
    client.set_cookie(f"__Host-shopper-{district.slug}", token, domain="localhost", secure=True)
    return client


def test_a_language_that_was_chosen_is_remembered(app: Flask, district: District) -> None:
    client, path = app.test_client(), f"/s/{district.slug}/join"
    chinese = {"Accept-Language": "zh-CN"}
    assert '<html lang="zh-CN">' in client.get(path, headers=chinese).get_data(as_text=True)
    assert '<html lang="en">' in client.get(f"{path}?lang=en", headers=chinese).get_data(as_text=True)
    assert '<html lang="en">' in client.get(path, headers=chinese).get_data(as_text=True)
    assert '<html lang="en">' in client.get(f"{path}?lang=fr", headers=chinese).get_data(as_text=True)
    api = client.get("/v1/me", headers=chinese)
    assert api.headers["Content-Language"] == "zh"


def test_a_refusal_is_a_page_to_people_and_a_problem_to_scripts(app: Flask, district: District) -> None:
    client = app.test_client()
    page = client.get(f"/s/{district.slug}/nothing/here")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert f'href="/s/{district.slug}/"' in page.get_data(as_text=True)
    script = client.get(f"/s/{district.slug}/now")
    assert (script.status_code, script.mimetype, script.json["code"]) == (
        401,
        "application/problem+json",
        "unauthorized",
    )
    assert client.get("/s/no-such-district/").status_code == 404


def test_a_form_that_is_sent_twice_is_done_once(app: Flask, district: District) -> None:
    campaign = new_campaign(district, issuing=["claim"], per_member_limit=None)
    member = district.member(new_phone())
    client = browser(app, district, member)
    places = set()
    for _ in range(2):
        answer = client.post(
            f"/s/{district.slug}/coupons",
            data={"campaign_id": campaign["id"], "once": "a" * 20},
            headers={"Sec-Fetch-Site": "same-origin"},
            base_url=HTTPS,
        )
        assert answer.status_code == 303
        places.add(answer.headers["Location"])
    [place] = places
    [coupon] = coupons_of(district, member)
    assert urlsplit(place).path.endswith(coupon["id"])
    assert parse_qs(urlsplit(place).query) == {"told": ["coupon"]}


def test_an_open_card_is_told_only_what_has_changed(app: Flask, district: District) -> None:
    member = district.member(new_phone())
    client, path = browser(app, district, member), f"/s/{district.slug}/now"
    first = client.get(path, base_url=HTTPS)
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get(path, headers=tag, base_url=HTTPS).status_code == 304
    district.report(member_id=member, amount=12_800).ok(201)
    changed = client.get(path, headers=tag, base_url=HTTPS)
    assert (changed.status_code, changed.json["available"], changed.json["points"]) == (200, "128", "+128")


def test_what_is_no_form_is_refused_and_changes_nothing(app: Flask, district: District) -> None:
    member = district.member(new_phone())
    client, path = browser(app, district, member), f"/s/{district.slug}/me/lock"
    ours = {"Sec-Fetch-Site": "same-origin"}
    for body, kind in ((b'{"locked": true}', "application/json"), (b"locked=%ff", "application/x-www-form-urlencoded")):
        assert client.post(path, data=body, content_type=kind, headers=ours, base_url=HTTPS).status_code == 415
    big = b"locked=" + b"a" * (1 << 19)
    kind = "application/x-www-form-urlencoded"
    assert client.post(path, data=big, content_type=kind, headers=ours, base_url=HTTPS).status_code == 413
    assert not district.balance(member)["spend_locked"]
