"""The settlement of the in-memory Quantong: terms, and months that are over by its clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from demo.history import street_date

Row = dict[str, Any]
STREET = timedelta(hours=8)


class FakeMonths:
    """`terms` as they were published; `closed`: the first days of months that are."""

    def __init__(self) -> None:
        self.terms: list[Row] = []
        self.closed: list[str] = []

    def answer(self, method: str, parts: list[str], body: Row, now: datetime) -> tuple[int, Any]:
        """The status and answer of a call, its path in parts."""
        match method, parts:
            case "POST", ["settlement-terms"]:
                self.terms.append({"id": "trm_1", "version": 1, **body})
                return 201, self.terms[-1]
            case "GET", ["settlement-periods"]:
                opened = [one for one in self._months(now) if one["status"] == "open"]
                return 200, {"object": "list", "data": opened[::-1], "has_more": False}
            case "POST", ["settlement-periods", one, "close"]:
                [month] = [month for month in self._months(now) if month["id"] == one]
                assert datetime.fromisoformat(month["ends_at"]) <= now, "a month was closed before its end"
                assert month["number"] == len(self.closed) + 1, "a month was closed before an earlier one"
                self.closed.append(month["starts_on"])
        [found] = [month for month in self._months(now) if month["id"] == parts[1]]
        return 200, found

    def _months(self, now: datetime) -> Iterator[Row]:
        if not self.terms:
            return
        first, number = date.fromisoformat(self.terms[0]["effective_from"]), 1
        while first <= street_date(now):
            after = (first + timedelta(days=40)).replace(day=1)
            yield {
                "id": f"per_{number}",
                "number": number,
                "starts_on": first.isoformat(),
                "ends_on": (after - timedelta(days=1)).isoformat(),
                "ends_at": (datetime.combine(after, time(), UTC) - STREET).isoformat(),
                "status": "closed" if first.isoformat() in self.closed else "open",
            }
            first, number = after, number + 1
