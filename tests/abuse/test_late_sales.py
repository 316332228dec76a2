"""A merchant's key can't reach back to campaigns that ended and caps of past days."""

from __future__ import annotations

import psycopg
import pytest

from tests.factories.checksums import checksums
from tests.factories.clock import ago
from tests.factories.districts import District


@pytest.mark.parametrize("days", [7.01, 30, 89])
def test_a_week_is_how_late_a_sale_may_come(district: District, superuser: psycopg.Connection, days: float) -> None:
    """Alone and in a batch, by a merchant's key and by a store's: older than the programme accepts is refused."""
    member = district.member()
    before = checksums(superuser, district.id)
    sale = district.sale(member_id=member, occurred_at=ago(days=days))
    for key in (district.shop.key, district.store_key(district.shop)):
        before = checksums(superuser, district.id)
        refused = district.api.post("/v1/transactions", sale, key)
        assert (refused.status, refused.pointers) == (422, {"/occurred_at"})
        quoted = district.api.post("/v1/transactions/quote", sale, key)
        assert (quoted.status, quoted.pointers) == (422, {"/occurred_at"})
        batch = district.api.post("/v1/transactions/batch", {"transactions": [sale]}, key).ok(200)
        assert [one["status"] for one in batch["results"]] == [422]
        assert checksums(superuser, district.id) == before


def test_within_the_week_a_till_that_was_offline_is_heard(district: District) -> None:
    """A sale of six days ago earns."""
    assert district.report(key=district.shop.key, occurred_at=ago(days=6.9)).status == 201


def test_history_is_taken_over_by_a_key_that_may(district: District) -> None:
    """The alliance's key, or a merchant's that was given `transactions:backdate`."""
    key = district.merchant_key(district.shop, scopes=["transactions:write", "transactions:backdate"])
    for one in (district.key, key):
        sale = district.sale(occurred_at=ago(days=500))
        batch = district.api.post("/v1/transactions/batch", {"transactions": [sale]}, one).ok(200)
        assert [result["status"] for result in batch["results"]] == [201]
