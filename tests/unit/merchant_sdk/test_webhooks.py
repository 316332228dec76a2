from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st

from merchant_sdk import SignatureInvalid, UnexpectedAnswer, webhooks

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + b64encode(b"another secret of ours").decode()
NOW = datetime(2026, 1, 1, 12, 0, 30, tzinfo=UTC)
BODY = json.dumps(
    {
        "object": "event",
        "id": "evt_1",
        "type": "points.earned",
        "timestamp": "2026-01-01T20:00:00+08:00",
        "district_id": "dis_1",
        "data": {"points": 115, "name": "积分"},
    },
    ensure_ascii=False,
).encode()


def signed(body: bytes = BODY, secret: str = SECRET, at: datetime = NOW) -> dict[str, str]:
    return webhooks.sign(body, secret, "evt_1", at)


def test_a_signed_message_is_its_event() -> None:
    event = webhooks.verify(BODY, signed(), SECRET, now=NOW)
    assert (event.id, event.type, event.data) == ("evt_1", "points.earned", {"points": 115, "name": "积分"})
    assert (event.timestamp, event.sent_at) == (datetime(2026, 1, 1, 12, tzinfo=UTC), NOW)
    assert event.raw["district_id"] == "dis_1"


def test_the_example_of_the_specification() -> None:
    """From the test vectors of Standard Webhooks' own libraries."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    at = datetime.fromtimestamp(1614265330, UTC)
    assert webhooks.sign(b'{"test": 2432232314}', SECRET, headers["webhook-id"], at) == headers
    with pytest.raises(UnexpectedAnswer):  # the signature is right, it is only no event
        webhooks.verify(b'{"test": 2432232314}', headers, SECRET, now=at)


@given(key=st.binary(min_size=1, max_size=80), name=st.text(st.characters(codec="ascii", exclude_characters=" ,"), min_size=1, max_size=40), text=st.text())  # fmt: skip
def test_it_agrees_with_the_official_library(key: bytes, name: str, text: str) -> None:
    secret = "whsec_" + b64encode(key).decode()
    now = datetime.now(UTC)
    body = json.dumps({"type": "a", "timestamp": "2026-01-01T00:00:00Z", "data": {"text": text}}, ensure_ascii=False)
    theirs = standardwebhooks.Webhook(secret).sign(name, now, body)
    headers = {"webhook-id": name, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": theirs}
    assert webhooks.verify(body.encode(), headers, secret, now=now).data == {"text": text}
    ours = webhooks.sign(body.encode(), secret, name, now)
    assert ours == headers
    assert standardwebhooks.Webhook(secret).verify(body, ours) == json.loads(body)


def test_names_of_headers_have_no_case() -> None:
    headers = {name.title(): value for name, value in signed().items()}
    assert webhooks.verify(BODY, headers, SECRET, now=NOW).id == "evt_1"


def test_while_a_secret_changes_either_will_do() -> None:
    assert webhooks.verify(BODY, signed(secret=OTHER), [SECRET, OTHER], now=NOW)
    both = f"{signed(secret=OTHER)['webhook-signature']} {signed()['webhook-signature']}"
    for secret in (SECRET, OTHER):
        assert webhooks.verify(BODY, {**signed(), "webhook-signature": both}, secret, now=NOW)


def test_signatures_of_other_versions_and_broken_ones_are_passed_over() -> None:
    right = signed()["webhook-signature"]
    several = f"v1a,{right[3:]} v2 v1, v1,%%% v1,é , {right}"
    assert webhooks.verify(BODY, {**signed(), "webhook-signature": several}, SECRET, now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "evt_2"},
        {"webhook-timestamp": str(int(NOW.timestamp()) + 1)},
        {"webhook-signature": "v1," + b64encode(b"x" * 32).decode()},
        {"webhook-signature": "v1,"},
        {"webhook-signature": signed()["webhook-signature"].replace("v1,", "v2,")},
        {"webhook-signature": signed()["webhook-signature"][:-6]},
        {"webhook-signature": signed()["webhook-signature"].removeprefix("v1,")},
        {"webhook-signature": "\udcff"},
        {"webhook-id": "\udcff"},
        {"webhook-id": ""},
        {"webhook-timestamp": ""},
        {"webhook-signature": ""},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "-5"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-timestamp": "١٢"},
    ],
)
def test_whatever_is_changed_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(SignatureInvalid):
        webhooks.verify(BODY, signed() | change, SECRET, now=NOW)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(name: str) -> None:
    headers = signed()
    del headers[name]
    with pytest.raises(SignatureInvalid, match=name):
        webhooks.verify(BODY, headers, SECRET, now=NOW)


def test_another_body_or_secret_is_refused() -> None:
    for body, secret in ((BODY + b" ", SECRET), (BODY, OTHER), (b"", SECRET)):
        with pytest.raises(SignatureInvalid):
            webhooks.verify(body, signed(), secret, now=NOW)


@pytest.mark.parametrize(("seconds", "is_accepted"), [(300, True), (-300, True), (301, False), (-301, False)])
def test_messages_of_another_time_are_refused(seconds: int, is_accepted: bool) -> None:
    headers, now = signed(), NOW + timedelta(seconds=seconds)
    if is_accepted:
        assert webhooks.verify(BODY, headers, SECRET, now=now)
        return
    with pytest.raises(SignatureInvalid, match="301 s"):
        webhooks.verify(BODY, headers, SECRET, now=now)
    assert webhooks.verify(BODY, headers, SECRET, tolerance_seconds=301, now=now)


def test_the_present_is_taken_by_itself() -> None:
    assert webhooks.verify(BODY, signed(at=datetime.now(UTC)), SECRET)
    with pytest.raises(SignatureInvalid):
        webhooks.verify(BODY, signed(at=datetime.now(UTC) - timedelta(hours=1)), SECRET)


def test_secrets_with_and_without_prefix_and_padding() -> None:
    for secret in (OTHER, OTHER.removeprefix("whsec_"), OTHER.rstrip("="), f" {OTHER}\n"):
        assert webhooks.verify(BODY, signed(secret=OTHER), secret, now=NOW)


@pytest.mark.parametrize("secrets", ["", "whsec_", "whsec_ü", "whsec_a", ["whsec_%"], [], [SECRET, ""]])
def test_secrets_that_are_none(secrets: Any) -> None:
    with pytest.raises(ValueError, match="secret"):
        webhooks.verify(BODY, signed(), secrets, now=NOW)


@pytest.mark.parametrize("payload", [BODY.decode(), json.loads(BODY)])
def test_a_body_taken_apart_is_refused(payload: Any) -> None:
    with pytest.raises(TypeError, match="bytes"):
        webhooks.verify(payload, signed(), SECRET, now=NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"[]",
        b"{}",
        b'{"type": 1, "timestamp": "2026-01-01T00:00:00Z", "data": {}}',
        b'{"type": "a", "timestamp": "2026-01-01T00:00:00", "data": {}}',
        b'{"type": "a", "timestamp": 5, "data": {}}',
        b'{"type": "a", "timestamp": "2026-01-01T00:00:00Z", "data": []}',
        b"[" * 100000,
        b"\xff",
    ],
)
def test_a_signed_message_that_is_no_event(body: bytes) -> None:
    with pytest.raises(UnexpectedAnswer, match="no event"):
        webhooks.verify(body, signed(body), SECRET, now=NOW)
