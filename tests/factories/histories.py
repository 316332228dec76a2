"""A member's whole history, and what must hold of it."""

from __future__ import annotations

from typing import Any

from tests.factories.districts import District
from tests.factories.lists import pages


def history(district: District, member_id: str) -> list[dict[str, Any]]:
    """Every movement of a member's points, oldest first."""
    path = f"/v1/members/{member_id}/points/entries"
    rows = [row for page in pages(district.api, path, district.key, limit=100) for row in page["data"]]
    return rows[::-1]


def check_gapless(rows: list[dict[str, Any]]) -> int:
    """Numbered from 1 on, each with the balance after it; gives the last."""
    balance = 0
    for number, row in enumerate(rows, start=1):
        balance += row["points"]
        assert (row["id"], row["balance_after"]) == (str(number), balance)
    return balance
