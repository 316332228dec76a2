"""Disputes and corrections, as both sides make them."""

from __future__ import annotations

from typing import Any

from tests.factories.api import Reply
from tests.factories.districts import District
from tests.factories.settlement import statements


def statement_of(district: District, number: int, party: str) -> Any:
    """The statement of a party for a period."""
    [found] = [one for one in statements(district, number) if one["party"]["id"] == party]
    return found


def line_of(statement: Any, kind: str) -> Any:
    """The one line of a kind."""
    [found] = [one for one in statement["lines"] if one["kind"] == kind]
    return found


def dispute(
    district: District, statement: Any, line: int | None, amount: int, *, key: str | None = None, **more: Any
) -> Reply:
    """Disputes a line, as its merchant unless told otherwise."""
    shops = {one.merchant_id: one.key for one in (district.shop, district.other_shop)}
    body = {"lines": [{"line": line, "amount": amount}], "reason": "not-ours", **more}
    return district.api.post(f"/v1/statements/{statement['id']}/dispute", body, key or shops[statement["party"]["id"]])


def answer(district: District, disputed: Any, verb: str, *, key: str | None = None, **body: Any) -> Reply:
    """Accepts, rejects or withdraws a dispute, or says something on it: the alliance, unless told otherwise."""
    if verb in ("accept", "reject"):
        body.setdefault("reason", "核实属实")
    return district.api.post(f"/v1/disputes/{disputed['id']}/{verb}", body, key or district.key)


def propose(district: District, merchant_id: str, amount: int, *, key: str | None = None) -> Reply:
    """Proposes a correction."""
    body = {"merchant_id": merchant_id, "amount": amount, "reason": "三月漏计"}
    return district.api.post("/v1/corrections", body, key or district.key)


def decide(district: District, correction: Any, verb: str, *, key: str | None = None) -> Reply:
    """Approves or rejects a correction."""
    return district.api.post(f"/v1/corrections/{correction['id']}/{verb}", {}, key or district.key)
