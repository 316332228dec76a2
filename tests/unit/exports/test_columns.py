"""How values that the API shows stand in a spreadsheet."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.exports.columns import cells, in_json, instant, listed, money, plain
from app.foundation.i18n import words as _l

NAME, SHANGHAI = _l("Name"), ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("column", "shown", "cell"),
    [
        (plain(NAME, "a"), {"a": "x"}, "x"),
        (plain(NAME, "a"), {"a": 7}, 7),
        (plain(NAME, "a.b"), {"a": {"b": 0.5}}, 0.5),
        (plain(NAME, "a.b"), {"a": None}, None),
        (plain(NAME, "a"), {}, None),
        (money(NAME, "a"), {"a": 1}, Decimal("0.01")),
        (money(NAME, "a"), {"a": -12_850}, Decimal("-128.50")),
        (money(NAME, "a"), {"a": 10**15 + 1}, Decimal("10000000000000.01")),
        (instant(NAME, "a"), {"a": "2026-01-01T16:30:00Z"}, "2026-01-02 00:30:00"),
        (listed(NAME, "a"), {"a": ["x", "y"]}, "x, y"),
        (listed(NAME, "a"), {"a": []}, ""),
        (in_json(NAME, "a"), {"a": {"b": "茶"}}, '{"b":"茶"}'),
        (in_json(NAME, "a"), {"a": {}}, None),
    ],
)
def test_a_cell_is_what_the_api_shows(column: Any, shown: dict[str, Any], cell: object) -> None:
    assert cells([column], shown, SHANGHAI) == [cell]
