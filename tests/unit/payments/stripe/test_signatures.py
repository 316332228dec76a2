"""Events of Stripe: what is believed, and what is not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from stripe import WebhookSignature

from app.payments.port import ProviderEvent
from app.payments.stripe.signatures import read_event
from demo.provider.telling import signed
from tests.factories.provider import CREDENTIALS, OLD_SECRET, SECRET

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
EVENT = {
    "id": "evt_1",
    "type": "payment_intent.succeeded",
    "livemode": False,
    "data": {"object": {"id": "pi_1", "metadata": {"order": "pay_1:1"}}},
}


def read(raw: bytes, header: str) -> ProviderEvent:
    return read_event(raw, {"Stripe-Signature": header}, NOW, CREDENTIALS)


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
@pytest.mark.parametrize("late", [-300, 0, 300])
def test_either_secret_signs_within_five_minutes(secret: str, late: int) -> None:
    raw = json.dumps(EVENT).encode()
    header = WebhookSignature.generate_signature_header(raw.decode(), secret, AT + late)
    assert header == signed(raw, [secret], AT + late)
    assert read(raw, header) == ProviderEvent(
        "evt_1", "payment_intent.succeeded", None, "pi_1", False, {"order": "pay_1:1"}
    )


@pytest.mark.parametrize("late", [-301, 301, -86_400, 86_400])
def test_what_was_signed_at_another_time_is_refused(late: int) -> None:
    raw = json.dumps(EVENT).encode()
    with pytest.raises(ValueError):
        read(raw, signed(raw, [SECRET], AT + late))


def test_what_was_altered_or_signed_by_others_is_refused() -> None:
    raw = json.dumps(EVENT).encode()
    for body, header in (
        (raw.replace(b"pi_1", b"pi_2"), signed(raw, [SECRET], AT)),
        (raw, signed(raw, ["whsec_of_others"], AT)),
        (raw, ""),
        (raw, f"t={AT}"),
        (raw, "t=soon,v1=00"),
    ):
        with pytest.raises(ValueError):
            read(body, header)


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe",
        b"{",
        b"[]",
        b"null",
        b"1",
        b"{}",
        json.dumps({**EVENT, "data": []}).encode(),
        json.dumps({**EVENT, "data": {"object": {"id": 1}}}).encode(),
        json.dumps({**EVENT, "account": {}}).encode(),
        json.dumps({**EVENT, "data": {"object": {"id": "pi_1", "metadata": [1]}}}).encode(),
        b"[" * 100_000,
    ],
)
def test_what_is_signed_but_no_event_is_refused_in_the_same_way(raw: bytes) -> None:
    with pytest.raises(ValueError):
        read(raw, signed(raw, [SECRET], AT))


def test_account_and_mode_are_told() -> None:
    told: dict[str, Any] = {**EVENT, "account": "acct_other", "livemode": True}
    raw = json.dumps(told).encode()
    event = read(raw, signed(raw, [SECRET], AT))
    assert (event.account, event.is_live) == ("acct_other", True)
