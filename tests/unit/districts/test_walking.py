"""One district that fails stops no job for the others, and is told of."""

from __future__ import annotations

import logging

import psycopg
import pytest
from psycopg import errors as pg
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway

from app.config import Settings
from app.districts.walking import in_every_district, once_in_every_district
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.jobs.queue import FAILED_DISTRICTS
from tests.factories.districts import District

pytestmark = pytest.mark.usefixtures("context")


def failing_in(district: District, error: Exception, seen: list[str]) -> None:
    def work(district_id: str) -> int:
        seen.append(district_id)
        if district_id == district.id:
            raise error
        return 1

    in_every_district(work)


@pytest.mark.parametrize("error", [ValueError("13800138000"), pg.LockNotAvailable(), pg.DeadlockDetected()])
def test_the_others_are_done_and_the_failure_is_raised(
    error: Exception,
    district: District,
    other_district: District,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Redis.from_url(settings.redis_url) as valkey:
        before, seen = int(valkey.get(FAILED_DISTRICTS) or 0), list[str]()
        with caplog.at_level(logging.ERROR, "quantong.worker"), pytest.raises(type(error)):
            failing_in(district, error, seen)
        assert int(valkey.get(FAILED_DISTRICTS) or 0) == before + 1
    assert {district.id, other_district.id} <= set(seen)
    [told] = caplog.records
    assert told.fields == {"district_id": district.id}  # type: ignore[attr-defined]
    assert "13800138000" not in told.getMessage()


@pytest.mark.parametrize("error", [psycopg.OperationalError(), pg.AdminShutdown(), RedisAway()])
def test_nothing_goes_on_without_database_or_queue(
    error: Exception, district: District, other_district: District
) -> None:
    seen: list[str] = []
    with pytest.raises(type(error)):
        failing_in(
            District(district.api, min(district.id, other_district.id), "", district.shop, district.shop), error, seen
        )
    assert max(district.id, other_district.id) not in seen


def test_a_failure_leaves_nothing_in_its_own_district(district: District, other_district: District) -> None:
    def rename(uow: UnitOfWork) -> int:
        uow.execute("UPDATE districts SET name = 'new' WHERE id = %s", (uow.district_id[4:],))
        if uow.district_id == district.id:
            raise ValueError
        return 1

    with pytest.raises(ValueError):
        once_in_every_district(rename)
    listed = district.api.get("/v1/districts?limit=100", district.api.operator_key).ok(200)["data"]
    names = {one["id"]: one["name"] for one in listed}
    assert (names[district.id] == "new", names[other_district.id] == "new") == (False, True)
