"""Points past their end leave the members' accounts, once, whatever else goes on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.books import verify
from app.foundation.clock import format_instant
from app.points.purses import expiring
from app.points.tasks import expire_points
from tests.factories.districts import District


def ago(**span: float) -> str:
    return format_instant(datetime.now(UTC) - timedelta(**span))


def history(district: District, member: str) -> list[tuple[str, int, int]]:
    rows = district.api.get(f"/v1/members/{member}/points/entries", district.key).ok()["data"]
    return [(row["code"], row["points"], row["balance_after"]) for row in rows]


def broken(app: Flask, district: District) -> list[Any]:
    with app.app_context():
        return [finding for _, findings, _ in verify(district.id) for finding in findings if finding.broken]


def expire(app: Flask) -> None:
    with app.app_context():
        expire_points()


def test_ended_points_become_breakage_once(app: Flask, district: District) -> None:
    member = district.member()
    district.report(member_id=member, occurred_at=ago(days=800), amount=30_000).ok(201)
    district.report(member_id=member, amount=1280).ok(201)
    before = district.balance(member)
    assert (before["available"], before["lifetime"]["expired"]) == (12, 0)
    expire(app)
    expire(app)
    after = district.balance(member)
    assert after == {**before, "lifetime": {"earned": 312, "spent": 0, "expired": 300}}
    assert history(district, member) == [("expire", -300, 12), ("earn", 12, 312), ("earn", 300, 300)]
    assert broken(app, district) == []
    events = district.api.get("/v1/events?type=points.expired", district.key).ok()["data"]
    [told] = [event["data"] for event in events]
    assert (told["member_id"], told["points"], told["expiry_id"][:4]) == (member, 300, "exp_")


def test_what_ends_today_is_not_expired_before_its_day_is_over(app: Flask, district: District) -> None:
    member = district.member()
    district.report(member_id=member, occurred_at=ago(days=364), amount=10_000).ok(201)
    expire(app)
    assert district.balance(member)["available"] == 100
    assert [code for code, _, _ in history(district, member)] == ["earn"]


def test_it_goes_on_where_it_stopped(app: Flask, district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiring, "MEMBERS_A_SET", 2)
    members = [district.member() for _ in range(7)]
    for member in members:
        for _ in range(3):
            district.report(member_id=member, occurred_at=ago(days=500), amount=1_000).ok(201)
    expire(app)
    assert [district.balance(member)["lifetime"]["expired"] for member in members] == [30] * 7
    assert broken(app, district) == []


def test_sales_and_several_expiries_at_once_keep_the_books(app: Flask, district: District) -> None:
    members = [district.member() for _ in range(6)]
    for member in members:
        district.report(member_id=member, occurred_at=ago(days=500), amount=5_000).ok(201)
    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(expire, app) for _ in range(3)]
        sales = [pool.submit(district.report, member_id=member) for _ in range(5) for member in members]
        assert {sale.result().status for sale in sales} == {201}
        for job in jobs:
            job.result()
    for member in members:
        balance = district.balance(member)
        assert (balance["available"], balance["lifetime"]["expired"]) == (5 * 128, 50)
    assert broken(app, district) == []
