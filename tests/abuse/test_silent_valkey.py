"""Valkey may fall silent: sales go on as if it weren't needed, and what must be counted is refused."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis

from app.config import Settings
from app.factory import create_app
from app.foundation import valkey as foundation_valkey
from app.foundation.database.db import db
from app.foundation.valkey import Valkey
from app.launcher.valkey import EmbeddedValkey
from tests.factories.api import Api
from tests.factories.codes import new_phone_of
from tests.factories.districts import District, new_district, new_phone
from tests.factories.problems import check_problem
from tests.factories.silence import Silent

pytestmark = pytest.mark.usefixtures("context")
CROWD = 8
SALES = 40
LIMIT = 2
"""Calls a second; ten times that for the key of a whole district, of which a process takes a twentieth at once: one by one."""


@pytest.fixture(autouse=True)
def _one_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is let down once is not asked again while a test lasts."""
    monkeypatch.setattr(foundation_valkey, "REST_SECONDS", 3600.0)


@pytest.fixture
def silent() -> Iterator[Silent]:
    with Silent() as silent:
        yield silent


@pytest.fixture
def district(settings: Settings, silent: Silent, api: Api) -> District:
    """A district of a product whose Valkey never answers."""
    app = create_app(replace(settings, redis_url=silent.url, rate_limit_per_second=1))
    return new_district(Api.inside(app, settings.operator_key))


def test_sales_go_on_and_nobody_asks_twice(district: District, silent: Silent) -> None:
    """A crowd of sales, with codes too, is recorded; each thread was held up once at most."""
    phone = new_phone_of(district)
    sales = [district.sale(amount=100, **({"member_code": phone.code()} if n % 4 == 0 else {})) for n in range(SALES)]
    with ThreadPoolExecutor(CROWD) as crowd:
        replies = list(crowd.map(lambda sale: district.api.post("/v1/transactions", sale, district.key), sales))
    assert {reply.status for reply in replies} == {201}
    assert silent.visits <= CROWD + 1


def test_nobody_waits_for_it_with_a_database_connection_in_hand(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever asks Valkey on behalf of a sale, a batch, a quote, a claim or a till does so outside of its transaction."""
    in_hand: list[int] = []
    asked = Valkey.asked

    def watched(valkey: Valkey) -> AbstractContextManager[Redis]:
        in_hand.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
        return asked(valkey)

    phone = new_phone_of(district)
    unclaimed = district.report(amount=500).ok(201)["id"]
    code, sale = {"member_code": phone.code()}, district.sale(amount=100)
    monkeypatch.setattr(Valkey, "asked", watched)
    posts = {
        "/v1/transactions": {**sale, **code},
        "/v1/transactions/batch": {"transactions": [{**district.sale(amount=1), **code}]},
        "/v1/transactions/quote": {**district.sale(amount=1), **code},
        f"/v1/transactions/{unclaimed}/claim": code,
        "/v1/member-codes/resolve": {"code": phone.code(1), "store_id": district.shop.store_id},
    }
    for path, body in posts.items():
        district.api.post(path, body, district.key).ok()
    assert len(in_hand) >= 2 * len(posts)
    assert set(in_hand) == {0}


def test_sign_in_codes_are_refused(district: District, silent: Silent) -> None:
    """Each costs money: what can't be counted isn't sent, and is refused at once after the first time."""
    for _ in range(5):
        asked = district.api.post("/v1/auth/codes", {"district": district.id, "phone": new_phone()}, None)
        check_problem(asked, 503, "busy")
    assert silent.visits <= 2


def test_a_valkey_that_is_stopped_holds_up_no_sale(settings: Settings, api: Api, folder: Path) -> None:
    """The real one, stopped in the middle of the day: sales go on, and it is asked again when it goes on."""
    with EmbeddedValkey(folder / "stopped") as server:
        app = create_app(replace(settings, redis_url=server.url, rate_limit_per_second=LIMIT))
        district = new_district(Api.inside(app, settings.operator_key))
        assert "RateLimit-Limit" in district.report(amount=100).headers
        process = server._process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        try:
            replies = [district.report(amount=100) for _ in range(SALES)]
        finally:
            os.kill(process.pid, signal.SIGCONT)
        assert {reply.status for reply in replies} == {201}
        assert not any("RateLimit-Limit" in reply.headers for reply in replies)
