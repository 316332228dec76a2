from __future__ import annotations

from datetime import date
from typing import Any

import httpx

from merchant_sdk import Client, FigureValue

VALUE = {"value": 0.62, "numerator": 62, "denominator": 100, "mark": "ok"}


def test_read(server: Any, client: Client) -> None:
    body = {"object": "figures", "code": "sales.member_share", "unit": "share", "by": "day", "total": VALUE}
    span = {"from": "2026-01-01", "to": "2026-01-31"}
    data = [{"key": "2026-01-01", "value": None, "numerator": 0, "denominator": 0, "mark": "no-source"}]
    server.will(httpx.Response(200, json={**body, **span, "data": data}))
    found = client.figures.read("sales.member_share", date(2026, 1, 1), "2026-01-31")
    assert dict(server.requests[0].url.params) == {"code": "sales.member_share", **span, "by": "day"}
    assert (found.first, found.last, found.unit) == (date(2026, 1, 1), date(2026, 1, 31), "share")
    assert found.total == FigureValue(value=0.62, numerator=62, denominator=100, mark="ok")
    assert found.data == (FigureValue(key="2026-01-01", numerator=0, denominator=0, mark="no-source"),)
