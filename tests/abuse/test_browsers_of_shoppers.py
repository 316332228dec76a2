"""A shopper's browser: nobody else acts by its cookie, and a cookie that was stolen opens nothing once its session is over."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.foundation.database.unit_of_work import unit_of_work
from app.foundation.tenancy import system_principal
from app.signin.sessions import services as sessions
from tests.factories.callers import new_address
from tests.factories.districts import District, new_phone
from tests.factories.processes import wait_until

OURS = {"Sec-Fetch-Site": "same-origin"}
FORM = "application/x-www-form-urlencoded"
pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def member(district: District) -> str:
    return district.member(new_phone(), name="王芳")


def browser(app: Flask, district: District, member_id: str) -> FlaskClient:
    """A browser of a member who has signed in."""
    with unit_of_work(system_principal(district.id)) as uow:
        token = sessions.start_in_browser(uow, member_id)
    return with_cookie(app, district, token)


def with_cookie(app: Flask, district: District, token: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(f"__Host-shopper-{district.slug}", token, domain="localhost", secure=True)
    return client


def token_of(client: FlaskClient, district: District) -> str:
    cookie = client.get_cookie(f"__Host-shopper-{district.slug}", domain="localhost")
    assert cookie is not None
    return cookie.value


def send(client: FlaskClient, path: str, body: str = "", **headers: str) -> int:
    """Sends a form by https; gives the status."""
    return client.post(path, data=body, headers=headers, content_type=FORM, base_url="https://localhost").status_code


def see(client: FlaskClient, path: str) -> tuple[int, str]:
    """Where a page leads, or what it says."""
    answer = client.get(path, base_url="https://localhost")
    return answer.status_code, answer.headers.get("Location", answer.get_data(as_text=True))


def test_a_form_of_another_site_changes_nothing(app: Flask, district: District, member: str) -> None:
    """Whatever cookie comes with it."""
    client, lock = browser(app, district, member), f"/s/{district.slug}/me/lock"
    for headers in (
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        assert send(client, lock, "locked=true", **headers) == 403
    assert not district.balance(member)["spend_locked"]
    assert send(client, lock, "locked=true", **OURS) == 303
    assert district.balance(member)["spend_locked"]


def test_a_link_of_another_site_makes_nobody_a_shop_s_member(app: Flask, district: District, member: str) -> None:
    """Scanning its poster does."""
    client = browser(app, district, member)
    path = f"/s/{district.slug}/join?store={district.shop.store_code}"
    asked = client.get(path, headers={"Sec-Fetch-Site": "cross-site"}, base_url="https://localhost")
    assert 'data-page="shopper-join-shop"' in asked.get_data(as_text=True)
    shown = district.api.get(f"/v1/members/{member}", district.key).ok()
    assert shown["memberships"] == []
    scanned = client.get(path, headers={"Sec-Fetch-Site": "none"}, base_url="https://localhost")
    assert scanned.status_code == 303
    shown = district.api.get(f"/v1/members/{member}", district.key).ok()
    assert [one["merchant_id"] for one in shown["memberships"]] == [district.shop.merchant_id]


def test_a_stolen_cookie_opens_nothing_once_its_session_has_ended(app: Flask, district: District, member: str) -> None:
    """Neither by its owner's sign-out, nor by that of all others."""
    client = browser(app, district, member)
    thief = with_cookie(app, district, token_of(client, district))
    assert see(thief, f"/s/{district.slug}/points")[0] == 200
    [mine] = sessions_of(district, member)
    assert send(client, f"/s/{district.slug}/me/sessions", f"session_id={mine}", **OURS) == 303
    assert wait_until(lambda: see(thief, f"/s/{district.slug}/points")[0] == 303)
    assert see(thief, f"/s/{district.slug}/points")[1] == f"/s/{district.slug}/join"
    assert send(thief, f"/s/{district.slug}/me/lock", "locked=true", **OURS) == 303
    assert not district.balance(member)["spend_locked"]


def sessions_of(district: District, member: str) -> list[str]:
    told = district.api.get(f"/v1/members/{member}/export", district.key).ok()["sessions"]
    return [one["id"] for one in told if one["ended_at"] is None]


def test_a_cookie_is_good_in_its_own_district_only(
    app: Flask, district: District, other_district: District, member: str
) -> None:
    """Under whatever name it is sent."""
    token = token_of(browser(app, district, member), district)
    elsewhere = with_cookie(app, other_district, token)
    assert see(elsewhere, f"/s/{other_district.slug}/points") == (303, f"/s/{other_district.slug}/join")


def test_a_cookie_is_no_token_of_the_api(app: Flask, district: District, member: str) -> None:
    """Nor is a refresh token a cookie."""
    token = token_of(browser(app, district, member), district)
    assert district.api.get("/v1/me", token).status == 401
    assert district.api.post("/v1/auth/refresh", {"refresh_token": token}, None).status == 401
    with unit_of_work(system_principal(district.id)) as uow:
        refresh = sessions.start_session(uow, member).refresh_token
    assert see(with_cookie(app, district, refresh), f"/s/{district.slug}/points")[0] == 303


def test_no_address_leads_out_of_the_district_after_a_proof(app: Flask, district: District, member: str) -> None:
    """`next` is a page of this district, or nothing."""
    client = browser(app, district, member)
    for wanted in ("https://evil.example", "//evil.example", "/s/other/", "/\\evil.example", "javascript:alert(1)"):
        page = client.get(
            f"/s/{district.slug}/me/proof", query_string={"next": wanted}, base_url="https://localhost"
        ).get_data(as_text=True)
        assert f'name="next" value="/s/{district.slug}/me"' in page


def test_pages_say_what_browsers_may_do_with_them(app: Flask, district: District, member: str) -> None:
    """Nothing foreign runs, nobody frames them, and nothing of them is kept."""
    client = browser(app, district, member)
    for path in ("", "points", "coupons", "shops", "me", "me/consents", "join", "nothing"):
        answer = client.get(f"/s/{district.slug}/{path}", base_url="https://localhost")
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_cookie_is_for_us_alone(app: Flask, district: District) -> None:
    """`__Host-`, `Secure`, `HttpOnly`, `SameSite=Lax`."""
    client = app.test_client()
    home = f"/s/{district.slug}"
    phone = new_phone()
    asked = client.post(
        f"{home}/join", data=f"phone={phone}", headers=OURS, content_type=FORM, base_url="https://localhost"
    )
    for cookie in asked.headers.getlist("Set-Cookie"):
        assert cookie.startswith("__Host-")
        for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert word in cookie
        assert phone not in cookie


def test_what_members_write_stays_text(app: Flask, district: District) -> None:
    """A name with markup in it, on every page that shows it."""
    name = "<script>alert(1)</script>"
    client = browser(app, district, district.member(new_phone(), name=name))
    for path in ("me", "me/profile"):
        assert name not in see(client, f"/s/{district.slug}/{path}")[1]
    assert "&lt;script&gt;" in see(client, f"/s/{district.slug}/me")[1]


def test_an_unknown_receipt_tells_nothing_and_is_counted(app: Flask, district: District, member: str) -> None:
    """Guessing is stopped."""
    client = browser(app, district, member)
    client.environ_base["REMOTE_ADDR"] = new_address()
    statuses = {send(client, f"/s/{district.slug}/receipt/{'a' * 26}{n}", **OURS) for n in range(25)}
    assert 429 in statuses
    assert statuses <= {404, 429}
