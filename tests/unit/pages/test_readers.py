"""Texts that people type: sums, local days and local times."""

from __future__ import annotations

import pytest

from app.foundation.http.fields import Instant
from app.pages import readers
from tests.factories.sums import NO_SUMS, SUMS


@pytest.mark.parametrize(("text", "fen"), SUMS.items())
def test_sums_are_read_as_at_the_till(text: str, fen: int) -> None:
    assert readers.fen(text) == fen


@pytest.mark.parametrize("text", [*sorted({*NO_SUMS} - {"123456789"}), "12345678901", "1.5 元 x"])
def test_what_is_no_sum_is_given_back(text: str) -> None:
    """A budget may have more figures than a till takes."""
    assert readers.fen(text) == text


def test_days_and_times_are_those_of_a_zone() -> None:
    zone = "Asia/Shanghai"
    assert readers.beginning_in(zone)("2026-11-01") == "2026-10-31T16:00:00+00:00"
    assert readers.end_in(zone)("2026-11-01") == "2026-11-01T16:00:00+00:00"
    assert readers.instant_in(zone)("2026-11-01T08:30") == "2026-11-01T08:30:00+08:00"
    assert readers.instant_in(zone)("2026-11-01T08:30:00Z") == "2026-11-01T08:30:00+00:00"
    for read in (readers.beginning_in(zone), readers.end_in(zone), readers.instant_in(zone)):
        assert read("tomorrow") == "tomorrow"
    assert Instant().deserialize(readers.instant_in(zone)("2026-11-01T08:30")).hour == 0
