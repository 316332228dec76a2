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


@pytest.mark.parametrize(("amount", "text"), [(0, "0"), (1_200, "12"), (1_250, "12.50"), (5, "0.05")])
def test_sums_are_shown_as_they_are_read(amount: int, text: str) -> None:
    assert (readers.yuan(amount), readers.fen(text)) == (text, amount)


@pytest.mark.parametrize(
    ("text", "count"), [("1000", 1_000), ("1,000", 1_000), ("１０", 10), ("1.5", "1.5"), ("10,00", "10,00"), ("", "")]
)
def test_counts_are_read(text: str, count: int | str) -> None:
    assert readers.count(text) == count


def test_instants_are_shown_in_a_zone() -> None:
    write = readers.local_in("Asia/Shanghai")
    assert write("2026-11-29T10:30:00Z") == "2026-11-29T18:30"
    assert write("2026-11-29T10:30:01.5Z") == "2026-11-29T18:30:01"


def test_days_and_times_are_those_of_a_zone() -> None:
    zone = "Asia/Shanghai"
    assert readers.beginning_in(zone)("2026-11-01") == "2026-10-31T16:00:00+00:00"
    assert readers.end_in(zone)("2026-11-01") == "2026-11-01T16:00:00+00:00"
    assert readers.instant_in(zone)("2026-11-01T08:30") == "2026-11-01T08:30:00+08:00"
    assert readers.instant_in(zone)("2026-11-01T08:30:00Z") == "2026-11-01T08:30:00+00:00"
    for read in (readers.beginning_in(zone), readers.end_in(zone), readers.instant_in(zone)):
        assert read("tomorrow") == "tomorrow"
    assert Instant().deserialize(readers.instant_in(zone)("2026-11-01T08:30")).hour == 0
