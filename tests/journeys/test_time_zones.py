"""Local days by one database of time zones, though PostgreSQL has another one: older, or newer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, reset_tzpath

import psycopg
import pytest

from tests.factories.api import Api
from tests.factories.books import broken
from tests.factories.clock import now
from tests.factories.districts import District, new_district
from tests.factories.points import base_rule, new_version
from tests.factories.tiers import new_tier

pytestmark = pytest.mark.usefixtures("context")
ZONES = {"Asia/Shanghai": "Asia/Tokyo", "America/New_York": "America/Los_Angeles", "Europe/Paris": "Europe/Istanbul"}
"""Zones, and those by whose rules they go here."""


@pytest.fixture(params=ZONES)
def street(request: pytest.FixtureRequest, api: Api, tmp_path: Path) -> Iterator[District]:
    """A district of a zone whose rules are other ones to us than to PostgreSQL."""
    before = TZPATH
    path = tmp_path / request.param
    path.parent.mkdir(parents=True)
    path.write_bytes((files("tzdata.zoneinfo") / ZONES[request.param]).read_bytes())
    reset_tzpath(to=[tmp_path])
    ZoneInfo.clear_cache(only_keys=[request.param])
    yield new_district(api, time_zone=request.param)
    reset_tzpath(to=before)
    ZoneInfo.clear_cache(only_keys=[request.param])


def sell_around_the_clock(street: District, member: str) -> None:
    """A sale each hour of the day before yesterday, so that some are on days of which the two think otherwise."""
    day = datetime.combine(now().date() - timedelta(days=2), time(0, 30), UTC)
    for hour in range(24):
        at = (day + timedelta(hours=hour)).isoformat()
        street.report(member_id=member, amount=1000, occurred_at=at).ok(201)


def days_of(superuser: psycopg.Connection, street: District, table: str) -> set[str]:
    rows = superuser.execute(f"SELECT day FROM {table} WHERE district_id = %s", (street.id[4:],))
    return {str(day) for (day,) in rows}


def local_days(street: District) -> set[str]:
    listed = street.api.get("/v1/transactions?limit=100", street.key).ok(200)["data"]
    zone = ZoneInfo(street.api.get("/v1/programme", street.key).ok(200)["time_zone"])
    return {str(datetime.fromisoformat(one["occurred_at"]).astimezone(zone).date()) for one in listed}


def test_what_is_counted_as_it_is_sold_is_verified_by_the_same_days(
    street: District, superuser: psycopg.Connection
) -> None:
    new_version(street, base_rule(caps={"per_member_per_day": 2000}))
    new_tier(street, threshold=1)
    sell_around_the_clock(street, street.member())
    for table in ("member_days", "rule_usage"):
        assert days_of(superuser, street, table) == local_days(street)
    assert broken(street.id) == {}


def test_what_is_counted_afterwards_is_counted_by_the_same_days(
    street: District, superuser: psycopg.Connection
) -> None:
    sell_around_the_clock(street, street.member())
    new_tier(street, threshold=1)
    new_version(street, base_rule(caps={"per_member_per_day": 2000}))
    for table in ("member_days", "rule_usage"):
        assert days_of(superuser, street, table) == local_days(street)
    assert broken(street.id) == {}
