"""No personal data and no secret in any line, whatever is called and however it fails."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from app.config import Settings
from app.foundation.http.routing import RouteSpec
from app.foundation.jobs.queue import queue
from app.foundation.logs import JsonLines
from tests.conftest import OPERATOR_KEY
from tests.factories.api import Api
from tests.factories.codes import new_phone_of, resolve
from tests.factories.districts import District, new_district
from tests.factories.processes import wait_until
from tests.factories.running import Running
from tests.factories.shoppers import signed_in
from tests.factories.specs import SPECS, body_of, name_of, path_of
from tests.factories.worlds import World, new_world

PHONE, NAME, OPENID = "13912345678", "欧阳锋利", "openid-of-somebody"
CLAIM = "claimsecretclaimsecretclai"


class Kept:
    """What was logged, as it would leave the process."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        self.handler.setFormatter(JsonLines())

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def requests(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in lines if line["logger"] == "quantong.requests"]


@pytest.fixture
def kept() -> Iterator[Kept]:
    """Everything that any logger says, from `debug` on."""
    kept, root = Kept(), logging.getLogger()
    level = root.level
    root.addHandler(kept.handler)
    root.setLevel(logging.DEBUG)
    yield kept
    root.setLevel(level)
    root.removeHandler(kept.handler)


@pytest.fixture(scope="module")
def world(app: Flask, settings: Settings) -> World:
    return new_world(Api.inside(app, settings.operator_key))


def secrets_of(world: World, settings: Settings) -> list[str]:
    keys = [world.district.key, world.merchant_key, world.store_key, OPERATOR_KEY]
    ring = [settings.encryption_keys, settings.index_keys, settings.signing_keys]
    return [PHONE, PHONE[-8:], NAME, json.dumps(NAME)[1:-1], OPENID, CLAIM, *keys, *ring]


def personal(value: Any) -> Any:
    """A body with a person wherever a text stands."""
    if isinstance(value, dict):
        return {key: PHONE if key == "phone" else personal(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [personal(inner) for inner in value]
    return NAME if isinstance(value, str) and "_" not in value and not value.isascii() else value


@pytest.mark.parametrize("spec", SPECS, ids=name_of)
def test_no_route_tells_who_was_there(spec: RouteSpec, world: World, settings: Settings, kept: Kept) -> None:
    api, path = world.district.api, path_of(spec, world.ids)
    query = f"?phone={PHONE}&name={NAME}&reference={CLAIM}"
    bodies = (personal(body_of(spec, world.ids, whole=True)), {"phone": PHONE, "name": NAME, "secret": CLAIM}, [OPENID])
    for key in (world.district.key, world.merchant_key, OPERATOR_KEY, f"{world.district.key}x", None):
        for body in bodies:
            api.call(spec.method, path + query, body, key=key, idempotency_key=f"{PHONE}-{key}-{body}"[:200])
        api.call(spec.method, f"{path}/{PHONE}", key=key)
    api.call(spec.method, path, key=world.district.key, data=f"{{{PHONE}".encode())
    for secret in secrets_of(world, settings):
        assert secret not in kept.text
    assert {line["route"] for line in kept.requests()} <= {spec.rule, "none", *(one.rule for one in SPECS)}
    assert any(line["route"] == spec.rule for line in kept.requests())


def test_what_fails_in_the_middle_tells_no_more(
    app: Flask, district: District, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"{PHONE} {NAME} {district.key}")

    monkeypatch.setattr("app.members.enrolling.enrol", fail)
    reply = district.api.post("/v1/members", {"phone": PHONE, "name": NAME}, district.key)
    assert reply.status == 500
    for secret in (PHONE, NAME, json.dumps(NAME)[1:-1], district.key):
        assert secret not in kept.text
    assert "builtins.RuntimeError" in kept.text
    [line] = kept.requests()
    assert (line["status"], line["request_id"]) == (500, reply.headers["Request-Id"])


def test_a_line_says_what_was_called_by_whom_and_how_it_went(district: District, kept: Kept) -> None:
    reply = district.report(member_id=district.member(), key=district.shop.key)
    line = kept.requests()[-1]
    assert line.pop("at")
    assert line.pop("duration_ms") > 0
    assert line.pop("principal_id").startswith("key_")
    assert line == {
        "level": "info",
        "logger": "quantong.requests",
        "message": "request",
        "request_id": reply.headers["Request-Id"],
        "method": "POST",
        "route": "/v1/transactions",
        "status": 201,
        "district_id": district.id,
    }


def test_whoever_watches_makes_no_noise(api: Api, kept: Kept) -> None:
    for path in ("/healthz", "/readyz"):
        api.get(path, None)
    assert [line["level"] for line in kept.requests()] == ["debug"] * 2


def test_an_address_that_nobody_serves_is_not_told(api: Api, kept: Kept) -> None:
    api.call("FOO", f"/v1/{PHONE}", key=None)
    [line] = kept.requests()
    assert (line["method"], line["route"], line["status"]) == ("other", "none", 404)
    assert "district_id" not in line


def test_the_operator_is_told_by_a_name_of_zeros(api: Api, kept: Kept) -> None:
    new_district(api)
    assert kept.requests()[0]["principal_id"] == "key_" + "0" * 32


def test_a_failed_job_tells_where_it_failed_and_not_what_it_was_given(app: Flask, settings: Settings) -> None:
    with Redis.from_url(settings.redis_url) as connection, Running("worker", settings) as worker:
        job = queue(connection).enqueue("builtins.int", f"x{PHONE}")
        assert wait_until(lambda: job.get_status(refresh=True) == "failed"), worker.said()
        worker.wait_to_say("job failed")
        [line] = [line for line in worker.lines() if line["message"] == "job failed"]
        assert (line["job"], line["job_id"], line["error"][0]) == ("builtins.int", job.id, "builtins.ValueError")
        kept = job.latest_result()
        assert kept is not None
        assert str(kept.exc_string).startswith("builtins.ValueError")
        assert PHONE not in worker.said() + str(kept.exc_string)
        job.delete()


def test_no_line_tells_a_code_a_token_or_a_key(app: Flask, district: District, kept: Kept) -> None:
    """Nor a member's number, though a till that guesses is told of."""
    with app.app_context():
        phone = new_phone_of(district, name=NAME)
        token = signed_in(district.id, phone.member_id).access_token
    codes = [phone.code(), phone.code(-2), *(phone.wrong_code(n) for n in range(40))]
    presence = resolve(district, codes[0]).ok(200)["presence_token"]
    for code in codes:
        resolve(district, code)
        district.report(key=district.other_shop.key, store_id=district.other_shop.store_id, member_code=code)
    for number in range(40):
        resolve(district, f"88{number:010d}123456")
    district.report(presence_token=presence, points_to_spend=1)
    for path in ("code-key", "code", "code?format=png&symbol=code128"):
        district.api.get(f"/v1/me/{path}", token).ok(200)
    district.api.post("/v1/me/code-key/rotate", None, token).ok(200)
    assert "a till guesses member codes" in kept.text
    for secret in (*codes, phone.number, presence, phone.key, token, NAME):
        assert secret not in kept.text
