from __future__ import annotations

from datetime import UTC, datetime

import pytest

from merchant_sdk._http import retries
from merchant_sdk._http.errors import ConnectionFailed, QuantongError, UnexpectedAnswer, error_of

NOW = datetime(2026, 1, 1, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "worth"),
    [
        (ConnectionFailed(), True),
        (error_of(429, {}), True),
        (error_of(429, {}, None, 60.0), True),
        (error_of(429, {}, None, 60.5), False),
        (error_of(503, {}, None, 3600.0), True),
        (error_of(502, {}), True),
        (error_of(503, {}), True),
        (error_of(504, {}), True),
        (error_of(409, {"code": "idempotency-key-in-use"}), True),
        (error_of(409, {"code": "reference-conflict"}), False),
        (error_of(422, {"code": "idempotency-key-reused"}), False),
        (error_of(500, {}), False),
        (error_of(401, {}), False),
        (UnexpectedAnswer(), False),
    ],
)
def test_what_is_tried_again(error: QuantongError, worth: bool) -> None:
    assert retries.is_worth_retrying(error) is worth


@pytest.mark.parametrize(("attempt", "most"), [(0, 0.5), (1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 8.0), (10, 8.0)])
def test_jitter_is_full_and_bounded(attempt: int, most: float) -> None:
    assert retries.delay_seconds(attempt, None, 0.0) == 0.0
    assert retries.delay_seconds(attempt, None, 0.5) == most / 2
    assert retries.delay_seconds(attempt, None, 1.0) == most


def test_what_the_server_asks_for_is_waited_up_to_a_minute() -> None:
    assert retries.delay_seconds(0, 7.0, 0.0) == 7.0
    assert retries.delay_seconds(0, 7.0, 1.0) == 7.5
    assert retries.delay_seconds(0, 86_400.0, 0.0) == 60.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("3", 3.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30.0),
        ("Thu, 01 Jan 2026 00:00:30 -0000", 30.0),
        ("Wed, 31 Dec 2025 23:00:00 GMT", 0.0),
        ("", None),
        ("-3", None),
        ("1.5", None),
        ("soon", None),
        ("9" * 5000, None),
        ("Thu, 99 Foo 2026 00:00:30 GMT", None),
    ],
)
def test_retry_after(text: str | None, seconds: float | None) -> None:
    assert retries.parse_retry_after(text, NOW) == seconds
