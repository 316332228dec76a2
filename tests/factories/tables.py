"""Tables as files, and what the command would make of them without sending anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from merchant_sdk._tables.columns import SetAside
from merchant_sdk._tables.layouts import SALES, Layout
from merchant_sdk._tables.plans import Options, Plan, plan_of


def plan(path: Path, layout: Layout = SALES, *, given: Mapping[str, str] | None = None, **options: Any) -> Plan:
    """The plan for a file, as the command makes it of its options."""
    return plan_of(path, layout, Options(columns=given or {}, **options))


def text_plan(path: Path, text: str, layout: Layout = SALES, encoding: str = "utf-8", **options: Any) -> Plan:
    """The plan for a text, as a file of this name."""
    path.write_bytes(text.encode(encoding))
    return plan(path, layout, **options)


def sent(made: Plan) -> dict[str, Any]:
    """The amounts that would be sent, by their references."""
    return {one.item["reference"]: one.item["amount"] for one in made.judge.verdicts() if one.item is not None}


def items(made: Plan) -> list[dict[str, Any]]:
    """All that would be sent."""
    return [one.item for one in made.judge.verdicts() if one.item is not None]


def refused(made: Plan) -> list[tuple[int, str]]:
    """The rows that would be refused, with the reasons."""
    return [(row.number, str(one.reason)) for one in made.judge.verdicts() if is_refusal(one) for row in one.rows]


def left_out(made: Plan) -> list[int]:
    """The rows that are left out on purpose."""
    return [row.number for one in made.judge.verdicts() if isinstance(one.reason, SetAside) for row in one.rows]


def is_refusal(verdict: Any) -> bool:
    """Whether rows are refused."""
    return verdict.reason is not None and not isinstance(verdict.reason, SetAside)


def lines(*rows: Sequence[str]) -> str:
    """Rows with commas, without quotation marks."""
    return "".join(",".join(row) + "\n" for row in rows)
