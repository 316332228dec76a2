"""What jobs forget of members, in every district, and what not yet."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from app.members.tasks import forget_old_traces
from app.members.traces import TRACE_DAYS
from tests.factories.clock import now
from tests.factories.districts import District

pytestmark = pytest.mark.usefixtures("context")


def leave(district: District, superuser: psycopg.Connection, days_ago: float) -> None:
    district.api.delete(f"/v1/members/{district.member()}", district.key).ok(200)
    superuser.execute(
        "UPDATE phone_traces SET left_at = %s WHERE district_id = %s AND left_at > %s",
        (now() - timedelta(days=days_ago), district.id[4:], now() - timedelta(minutes=5)),
    )


def traces(superuser: psycopg.Connection, district: District) -> int:
    query = "SELECT count(*) FROM phone_traces WHERE district_id = %s"
    [found] = superuser.execute(query, (district.id[4:],)).fetchone() or (0,)
    return int(found)


def test_a_trace_of_a_phone_is_kept_for_a_year_and_no_longer(
    district: District, other_district: District, superuser: psycopg.Connection
) -> None:
    for place in (district, other_district):
        leave(place, superuser, TRACE_DAYS - 1)
        leave(place, superuser, TRACE_DAYS + 1)
    assert forget_old_traces() >= 2
    assert traces(superuser, district) == traces(superuser, other_district) == 1
