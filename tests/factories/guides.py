"""The guides for managers, `docs/points.*.md` and `docs/coupons.*.md`: tables under `<!-- example: name -->`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
Cells = list[str]


def tables(page: str) -> Iterator[tuple[str, Cells]]:
    """Each row of each example: the example's name and the cells."""
    for name, table in re.findall(r"<!-- example: (\w+) -->\n((?:\|.*\n)+)", _text(page)):
        for row in table.splitlines()[2:]:
            yield name, [cell.strip() for cell in row.strip("|").split("|")]


def figures(page: str) -> list[tuple[str, Cells]]:
    """The same without words: what every language has alike. What Chinese shops call 8.8 折 is 12%."""
    return [(name, [re.sub(r"[^\d.+%-]", "", in_percent(cell)) for cell in row]) for name, row in tables(page)]


def in_percent(cell: str) -> str:
    """A cell as the other language has it."""
    return re.sub(r"([\d.]+) 折", lambda found: f"{100 - Decimal(found[1]) * 10:.0f}%", cell)


def tables_without_example(page: str) -> int:
    """How many tables nobody checks."""
    text = _text(page)
    return len(re.findall(r"^\|[-:| ]+\|$", text, re.M)) - len(re.findall("<!-- example:", text))


def fen(yuan: str) -> int:
    """An amount as the API counts it."""
    return int(Decimal(yuan) * 100)


def yuan(amount: int) -> str:
    """An amount as the guides write it: with fen where there are some."""
    return f"{Decimal(amount) / 100:.2f}".removesuffix(".00")


def _text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")
