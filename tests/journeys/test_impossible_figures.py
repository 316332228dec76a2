"""Tables refuse figures that can't be, whoever writes them: the last wall behind the code's own assertions."""

from __future__ import annotations

import psycopg
import pytest

from tests.factories.districts import District
from tests.factories.refunds import give_back

IMPOSSIBLE = {
    "refunds": (
        "money_amount = -1",
        "discount_reversed = -1",
        "points_owed = -1, points_lapsed = 1",
        "points_restored = -1",
    ),
    "transactions": (
        "discount_amount = -1, paid_amount = amount + 1",
        "points_spent = -1",
        "refunded_amount = amount + 1",
    ),
    "point_balances": ("earned = -1", "spent = -1", "expired = -1", "sequence = -1", "available = ledger + 1"),
    "lots": ("remaining = points + 1", "remaining = -1", "expired = points + 1", "reclaimed = points + 1"),
}


@pytest.mark.parametrize(("table", "change"), [(table, one) for table, some in IMPOSSIBLE.items() for one in some])
def test_a_figure_that_can_t_be_is_refused(
    district: District, superuser: psycopg.Connection, table: str, change: str
) -> None:
    sale = district.report(member_id=district.member(), amount=10_000).ok(201)
    give_back(district, sale["id"], 1_000)
    where = "WHERE district_id = %s"
    rows = superuser.execute(f"SELECT * FROM {table} {where}", (district.id[4:],)).fetchall()
    assert rows
    with pytest.raises(psycopg.errors.CheckViolation):
        superuser.execute(f"UPDATE {table} SET {change} {where}", (district.id[4:],))
    assert superuser.execute(f"SELECT * FROM {table} {where}", (district.id[4:],)).fetchall() == rows
