"""A shopper's phone gets its key, makes codes that tills resolve, shows them as pictures, and takes a new key when lost."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime

import psycopg
import pytest
import zxingcpp
from PIL import Image

from tests.factories.api import Api
from tests.factories.codes import Phone, early_in_the_minute, resolve
from tests.factories.districts import District
from tests.factories.problems import check_problem
from tests.factories.shoppers import signed_in

pytestmark = pytest.mark.usefixtures("context")


def token_of(district: District, member_id: str) -> str:
    return signed_in(district.id, member_id).access_token


def phone_with(body: dict[str, str]) -> Phone:
    return Phone(body["member_id"], body["number"], body["key"])


def test_the_phone_makes_codes_from_its_key(district: District, api: Api) -> None:
    early_in_the_minute()
    member = district.member()
    token = token_of(district, member)
    reply = api.get("/v1/me/code-key", token)
    body = reply.ok(200)
    assert reply.headers["Cache-Control"] == "no-store"
    assert body == {
        "object": "code_key",
        "member_id": member,
        "number": api.get("/v1/me", token).ok(200)["number"],
        "prefix": "88",
        "key": body["key"],
        "algorithm": "SHA256",
        "digits": 6,
        "period_seconds": 60,
    }
    assert resolve(district, phone_with(body).code()).ok(200)["member"]["id"] == member
    assert api.get("/v1/me/code-key", token).ok(200) == body


def test_whoever_asks_first_there_is_one_key(district: District, api: Api) -> None:
    token = token_of(district, district.member())
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: api.get("/v1/me/code-key", token), range(16)))
    assert len({reply.ok(200)["key"] for reply in replies}) == 1


def test_keys_of_members_differ_and_are_sealed(district: District, api: Api, superuser: psycopg.Connection) -> None:
    keys = {api.get("/v1/me/code-key", token_of(district, district.member())).ok(200)["key"] for _ in range(3)}
    assert len(keys) == 3
    rows = superuser.execute(
        "SELECT secret FROM member_code_keys WHERE district_id = %s", (district.id[-32:],)
    ).fetchall()
    assert len(rows) == 3
    assert not any(key.encode() in bytes(sealed) for key in keys for (sealed,) in rows)


def test_a_lost_phone_s_codes_end_with_a_new_key(district: District, api: Api) -> None:
    early_in_the_minute()
    member = district.member()
    token = token_of(district, member)
    lost = phone_with(api.get("/v1/me/code-key", token).ok(200))
    body = api.post("/v1/me/code-key/rotate", None, token, "once").ok(200)
    again = api.post("/v1/me/code-key/rotate", None, token, "once")
    assert again.ok(200) == body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert api.get("/v1/me/code-key", token).ok(200) == body
    check_problem(resolve(district, lost.code(1)), 404, "not-found")
    found = phone_with(body)
    assert (found.key != lost.key, found.number) == (True, lost.number)
    resolve(district, found.code()).ok(200)


def test_no_key_is_kept_with_an_answer(district: District, api: Api, superuser: psycopg.Connection) -> None:
    member = district.member()
    key = api.post("/v1/me/code-key/rotate", None, token_of(district, member), "kept").ok(200)["key"]
    [(answer,)] = superuser.execute(
        "SELECT answer::text FROM idempotency_keys WHERE district_id = %s AND key = 'kept'", (district.id[-32:],)
    ).fetchall()
    assert key not in answer
    [(entry,)] = superuser.execute(
        "SELECT e::text FROM audit_entries AS e WHERE district_id = %s AND action = 'code_key.replaced'",
        (district.id[-32:],),
    ).fetchall()
    assert member in entry
    assert key not in entry


@pytest.mark.parametrize(("symbol", "name"), [("qr", "QRCode"), ("code128", "Code128")])
def test_a_screen_that_makes_no_codes_shows_a_picture(district: District, api: Api, symbol: str, name: str) -> None:
    early_in_the_minute()
    token = token_of(district, district.member())
    phone = phone_with(api.get("/v1/me/code-key", token).ok(200))
    reply = api.get(f"/v1/me/code?symbol={symbol}&format=png", token)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "image/png")
    assert reply.headers["Cache-Control"] == "no-store"
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(reply.body.encode("latin-1"))))
    assert (found.format.name, found.text) == (name, phone.code())
    assert api.get("/v1/me/code", token).headers["Content-Type"] == "image/svg+xml"


def test_only_the_shopper_sees_codes_and_keys(district: District, api: Api) -> None:
    for key in (district.key, district.shop.key):
        for path in ("/v1/me/code-key", "/v1/me/code"):
            check_problem(api.get(path, key), 403, "forbidden")
        check_problem(api.post("/v1/me/code-key/rotate", None, key), 403, "forbidden")


def test_the_server_tells_its_time(live: Api) -> None:
    """By which a phone whose clock is wrong makes right codes."""
    reply = live.get("/v1/me/code-key", "nobody")
    assert parsedate_to_datetime(reply.headers["date"]) is not None
