"""Nobody's time is moved but that of one's own sandbox, and nothing of a sandbox reaches a phone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from app.config import Settings
from app.factory import create_app
from app.signin import tasks
from app.sms.aliyun import Aliyun
from tests.factories.api import Api
from tests.factories.checksums import checksums
from tests.factories.clock import ahead, now
from tests.factories.districts import District, new_district, new_phone
from tests.factories.problems import check_problem
from tests.factories.sandboxes import CLOCK, advance, ask, clock_of, new_sandbox, now_in
from tests.factories.shoppers import MEMBERSHIP, prove, sign_in
from tests.factories.shoppers import ask as ask_for_code

pytestmark = pytest.mark.usefixtures("context")
BODIES = ({"advance_seconds": 60}, {"advance_to": ahead(days=30)})


@pytest.fixture
def sandbox(api: Api) -> District:
    return new_sandbox(api)


@pytest.mark.parametrize("body", BODIES, ids=["by seconds", "to an instant"])
def test_a_live_district_s_time_is_nobody_s_to_move(
    district: District, body: dict[str, Any], superuser: psycopg.Connection
) -> None:
    """The alliance's own key is refused, with an idempotency key and without, and nothing is kept of it."""
    before = checksums(superuser, district.id)
    for idempotency_key in (None, "again"):
        check_problem(district.api.post(CLOCK, body, district.key, idempotency_key), 403, "sandbox-only")
    check_problem(district.api.get(CLOCK, district.key), 403, "sandbox-only")
    assert checksums(superuser, district.id) == before


def test_a_shop_moves_nobody_s_time(sandbox: District) -> None:
    """Not by its key, not by its store's, not with all scopes that a shop can have."""
    keys = [
        sandbox.shop.key,
        sandbox.store_key(sandbox.shop),
        sandbox.merchant_key(sandbox.shop, scopes=["programme:read", "transactions:write"]),
    ]
    for key in keys:
        check_problem(ask(sandbox, key, seconds=60), 403, "forbidden")
    assert clock_of(sandbox)["status"] == "ready"


def test_a_key_that_may_only_read_moves_nothing(sandbox: District) -> None:
    """`programme:read` shows the clock; `programme:write` is needed to move it."""
    body = {"name": "reads", "scopes": ["programme:read", "transactions:write", "members:write"]}
    key = sandbox.api.post("/v1/api-keys", body, sandbox.key).ok(201)["secret"]
    sandbox.api.get(CLOCK, key).ok(200)
    check_problem(ask(sandbox, key, seconds=60), 403, "forbidden")
    assert clock_of(sandbox)["status"] == "ready"


def test_a_shopper_s_token_moves_nothing(sandbox: District) -> None:
    """Neither reads nor moves the clock, nor reads the inbox."""
    token = sign_in(sandbox)["access_token"]
    for reply in (ask(sandbox, token, seconds=60), sandbox.api.get(CLOCK, token)):
        check_problem(reply, 403, "forbidden")
    check_problem(sandbox.api.get("/v1/test-inbox", token), 403, "forbidden")


def test_a_sandbox_s_key_moves_no_other_sandbox(sandbox: District, api: Api) -> None:
    """The key alone says which clock it is."""
    other = new_sandbox(api)
    advance(sandbox, days=700)
    assert abs(now_in(other) - now()) < timedelta(minutes=1)


def test_codes_of_a_live_district_are_read_by_no_key(district: District) -> None:
    """The inbox is a sandbox's: who could read codes could sign in as anybody."""
    ask_for_code(district, new_phone())
    check_problem(district.api.get("/v1/test-inbox", district.key), 403, "sandbox-only")


def test_codes_of_a_sandbox_are_read_by_its_alliance_alone(sandbox: District, api: Api) -> None:
    """A shop's key reads none, and another sandbox's finds none."""
    ask_for_code(sandbox, new_phone())
    check_problem(api.get("/v1/test-inbox", sandbox.shop.key), 403, "forbidden")
    assert api.get("/v1/test-inbox", new_sandbox(api).key).ok(200)["data"] == []
    assert len(api.get("/v1/test-inbox", sandbox.key).ok(200)["data"]) == 1


def test_no_code_of_a_sandbox_leaves_for_a_provider(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a provider in the settings a live district's code leaves, a sandbox's stays; so after its job was lost."""
    sent: list[str] = []
    monkeypatch.setattr(Aliyun, "send_code", lambda self, phone, code: sent.append(phone))
    with_provider = replace(
        settings, sms_sender="aliyun", sms_key_id="i", sms_key_secret="s", sms_sign_name="n", sms_template="t"
    )
    app = create_app(with_provider)
    operator = Api.inside(app, settings.operator_key)
    live, sandbox = new_district(operator), new_sandbox(operator)
    phones = {place.id: new_phone() for place in (live, sandbox)}
    with app.app_context():
        for place in (live, sandbox):
            ask_for_code(place, phones[place.id])
        tasks.send_waiting_codes()
        [told] = operator.get(f"/v1/test-inbox?phone={phones[sandbox.id]}", sandbox.key).ok(200)["data"]
        challenge = ask_for_code(sandbox, phones[sandbox.id])
        [newest, _] = operator.get("/v1/test-inbox", sandbox.key).ok(200)["data"]
        prove(sandbox, challenge, newest["code"], consents=[MEMBERSHIP]).ok(200)
        tasks.send_waiting_codes()
    assert told["phone"] == f"+86{phones[sandbox.id]}"
    assert f"+86{phones[live.id]}" in sent
    assert f"+86{phones[sandbox.id]}" not in sent


def test_without_any_sender_a_sandbox_signs_in_still(settings: Settings) -> None:
    """A live district tells that it can't send; a sandbox needs nobody who does."""
    app = create_app(replace(settings, sms_sender=""))
    operator = Api.inside(app, settings.operator_key)
    live, sandbox = new_district(operator), new_sandbox(operator)
    body = {"district": live.id, "phone": new_phone()}
    check_problem(operator.post("/v1/auth/codes", body, None), 503, "sms-unavailable")
    with app.app_context():
        ask_for_code(sandbox, new_phone())
    assert len(operator.get("/v1/test-inbox", sandbox.key).ok(200)["data"]) == 1
