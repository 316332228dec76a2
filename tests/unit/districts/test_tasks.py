"""What is forgotten after a day, in every district, and what is not."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from app.districts.tasks import forget_old_answers
from app.foundation.tenancy import OPERATOR_DISTRICT
from tests.factories.clock import now
from tests.factories.districts import District
from tests.factories.foundation import kept

pytestmark = pytest.mark.usefixtures("context")


def age(superuser: psycopg.Connection, district_id: str, key: str, hours: float) -> None:
    superuser.execute(
        "UPDATE idempotency_keys SET recorded_at = %s WHERE district_id = %s AND key = %s",
        (now() - timedelta(hours=hours), district_id[4:], key),
    )


def test_answers_are_forgotten_after_a_day(
    district: District, other_district: District, superuser: psycopg.Connection
) -> None:
    forget_old_answers()
    for place in (district, other_district):
        for key, hours in (("fresh", 0.0), ("young", 23.9), ("old", 24.1)):
            place.report(idempotency_key=key).ok(201)
            age(superuser, place.id, key, hours)
    assert forget_old_answers() == 2
    assert kept(superuser, district.id) == kept(superuser, other_district.id) == ["fresh", "young"]
    assert forget_old_answers() == 0


def test_the_operator_s_answers_are_forgotten_too(district: District, superuser: psycopg.Connection) -> None:
    body = {"name": "x", "slug": f"s{district.id[-12:]}"}
    key = f"operator-{district.id}"
    district.api.post("/v1/districts", body, district.api.operator_key, key).ok(201)
    age(superuser, OPERATOR_DISTRICT, key, 25)
    assert forget_old_answers() >= 1
    assert key not in kept(superuser, OPERATOR_DISTRICT)


def test_a_forgotten_key_is_free_and_the_sale_is_still_known(district: District, superuser: psycopg.Connection) -> None:
    body = district.sale()
    first = district.api.post("/v1/transactions", body, district.key, "k").ok(201)
    age(superuser, district.id, "k", 25)
    forget_old_answers()
    again = district.api.post("/v1/transactions", body, district.key, "k")
    assert (again.status, again.body["id"]) == (200, first["id"])
    assert "Idempotent-Replayed" not in again.headers
