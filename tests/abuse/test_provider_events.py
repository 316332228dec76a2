"""What is sent to `/v1/provider-events`: only what the provider has signed, now, for this very account, is kept, and once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app.payments.stripe import taking
from app.payments.stripe.adapter import Stripe
from app.payments.stripe.taking import ToldEvent
from app.payments.stripe.tasks import take_waiting_events
from demo.provider.telling import signed
from tests.factories.api import Api, Reply
from tests.factories.checksums import Watch
from tests.factories.districts import District
from tests.factories.problems import check_problem
from tests.factories.sandboxes import new_sandbox

ACCOUNT = {"account": "acct_street", "secret_key": "sk_test_street1", "webhook_secret": "whsec_street1"}
SECRET = ACCOUNT["webhook_secret"]


@pytest.fixture(scope="module")
def street(app: Flask, settings: Any) -> District:
    """A sandbox with an account at Stripe."""
    street = new_sandbox(Api.inside(app, settings.operator_key))
    street.api.post("/v1/payment-provider", ACCOUNT, street.key).ok(200)
    return street


def event(number: int = 1, **more: Any) -> dict[str, Any]:
    about = {"object": {"id": f"pi_{number}", "metadata": {}}}
    return {"id": f"evt_{number}", "type": "payment_intent.succeeded", "livemode": False, "data": about, **more}


def tell(
    street: District, raw: bytes, *, secret: str = SECRET, late: int = 0, header: str | None = None, to: str = ""
) -> Reply:
    mark = signed(raw, [secret], int(time.time()) + late) if header is None else header
    headers = {"Stripe-Signature": mark}
    return street.api.call("POST", f"/v1/provider-events/{to or street.id}", key=None, data=raw, headers=headers)


GOOD = json.dumps(event()).encode()
REFUSED: dict[str, Callable[[District], Reply]] = {
    "unsigned": lambda street: tell(street, GOOD, header=""),
    "signed by another": lambda street: tell(street, GOOD, secret="whsec_other"),
    "altered": lambda street: tell(street, GOOD + b" ", header=signed(GOOD, [SECRET], int(time.time()))),
    "too late": lambda street: tell(street, GOOD, late=-310),
    "of tomorrow": lambda street: tell(street, GOOD, late=86_400),
    "not UTF-8": lambda street: tell(street, b"\xff\xfe\x00"),
    "an array": lambda street: tell(street, b"[]"),
    "nothing": lambda street: tell(street, b""),
    "a tower of arrays": lambda street: tell(street, b"[" * 200_000),
    "of another account": lambda street: tell(street, json.dumps(event(account="acct_other")).encode()),
    "of live mode in a sandbox": lambda street: tell(street, json.dumps(event(livemode=True)).encode()),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_provider_has_not_signed_for_this_account_leaves_nothing(
    street: District, watch: Watch, name: str
) -> None:
    """Nobody else can tell us that money has moved."""
    before = watch.sums(street.id)
    check_problem(REFUSED[name](street), 400, "event-not-verified")
    assert watch.sums(street.id) == before


def test_a_huge_body_is_refused(street: District, watch: Watch) -> None:
    """A body of more than a MiB is not even read."""
    before = watch.sums(street.id)
    check_problem(tell(street, b"{" + b" " * (1 << 20)), 413, "body-too-large")
    assert watch.sums(street.id) == before


def test_a_district_without_an_account_is_like_none(street: District, district: District) -> None:
    """The address of events doesn't tell which districts there are."""
    for endpoint in (district.id, f"dis_{'1' * 32}", f"dis_{'0' * 32}"):
        check_problem(tell(street, GOOD, to=endpoint), 404, "not-found")


class Taker:
    """Keeps what it is told; fails as often as it is asked to."""

    def __init__(self) -> None:
        self.told: list[ToldEvent] = []
        self.failures = 0

    def __call__(self, told: ToldEvent, stripe: Stripe) -> None:
        assert stripe.client is not None
        if self.failures:
            self.failures -= 1
            raise taking.StripeError("away")
        self.told.append(told)


@pytest.fixture
def taker(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Taker]:
    made = Taker()
    monkeypatch.setattr(taking, "WHO_TAKES", [made])
    with app.app_context():
        take_waiting_events()
        made.told.clear()
        yield made


def test_an_event_is_kept_once_however_often_it_is_told(street: District, taker: Taker) -> None:
    """ToldEvent twice, or with either secret, an event counts once; what it is about is looked at by a job."""
    raw = json.dumps(event(2)).encode()
    assert [tell(street, raw).ok(200)["received"] for _ in range(3)] == [True, False, False]
    take_waiting_events()
    take_waiting_events()
    assert taker.told == [ToldEvent(street.id, "payment_intent.succeeded", "pi_2")]


def test_an_event_that_can_t_be_looked_at_is_not_forgotten(street: District, taker: Taker, superuser: Any) -> None:
    """While the provider is away, events wait."""
    taker.failures = 1
    tell(street, json.dumps(event(3)).encode()).ok(200)
    take_waiting_events()
    assert taker.told == []
    superuser.execute("UPDATE provider_events SET look_at = now() WHERE look_at IS NOT NULL")
    take_waiting_events()
    assert [one.object_id for one in taker.told] == ["pi_3"]


def test_the_secret_before_is_good_beside_the_new_one(api: Api) -> None:
    """A secret is changed without losing what is on its way; the one before that is over."""
    street = new_sandbox(api)
    for number in (1, 2, 3):
        body = {**ACCOUNT, "webhook_secret": f"whsec_{number}"}
        api.post("/v1/payment-provider", body, street.key).ok(200)
    for number, status in ((1, 400), (2, 200), (3, 200)):
        assert tell(street, json.dumps(event(number)).encode(), secret=f"whsec_{number}").status == status
    api.post("/v1/payment-provider", {**ACCOUNT, "account": "acct_other"}, street.key).ok(200)
    assert tell(street, json.dumps(event(4)).encode(), secret="whsec_3").status == 400


def test_secrets_are_sealed_and_never_shown(street: District, superuser: Any) -> None:
    """Whoever reads the table, the answer or the log sees no key."""
    shown = street.api.get("/v1/payment-provider", street.key).ok(200)
    assert (shown["account"], shown["key_hint"], shown["is_live"]) == ("acct_street", "eet1", False)
    again = street.api.post("/v1/payment-provider", ACCOUNT, street.key, "k1").ok(200)
    assert street.api.post("/v1/payment-provider", ACCOUNT, street.key, "k1").ok(200) == again
    [rows] = superuser.execute("SELECT json_agg(p) FROM provider_accounts AS p")
    entries = street.api.get("/v1/audit-entries", street.key).ok(200)
    for secret in (ACCOUNT["secret_key"], SECRET):
        for told in (shown, again, rows, entries):
            assert secret not in json.dumps(told) and secret.encode().hex() not in json.dumps(told)


def test_keys_of_another_mode_are_refused(street: District, district: District, watch: Watch) -> None:
    """A sandbox moves no money, and a live district doesn't pretend to."""
    before = watch.sums(street.id, district.id)
    live = {**ACCOUNT, "secret_key": "sk_live_street1"}
    for one, body in ((street, live), (district, ACCOUNT)):
        refused = check_problem(one.api.post("/v1/payment-provider", body, one.key), 422, "validation-failed")
        assert refused.pointers == {"/secret_key"}
    assert watch.sums(street.id, district.id) == before
