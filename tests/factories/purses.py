"""What the product tells of members' points, to be held against a reckoning: balances, every lot, every line."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.ids import hex_of
from app.foundation.tenancy import system_principal
from app.ledger.rules import account_id
from app.points.present import show_points
from app.points.purses import queries
from app.points.purses.posting import ASSET
from tests.factories.reckoning.district import Reckoning
from tests.factories.reckoning.purses import Account, Purse

_FIGURES = ("available", "pending", "owed", "spendable", "expiring", "lifetime")
_LOTS = """
    SELECT l.merchant_id, l.funder, l.points, l.remaining, l.available_at, l.expires_at, l.expired, l.reclaimed,
           (SELECT count(*) FROM lots o WHERE o.district_id = l.district_id AND o.member_id = l.member_id
              AND o.id < l.restored_from) + CASE WHEN l.restored_from IS NOT NULL THEN 0 END
    FROM lots l WHERE l.district_id = %s AND l.member_id = %s ORDER BY l.id
"""


@dataclass(slots=True)
class Told:
    """Of one member; the lines of the history oldest first, read as they are added."""

    points: dict[str, Any] = field(default_factory=dict)
    lots: list[tuple[Any, ...]] = field(default_factory=list)
    lines: list[tuple[str, int, int, str | None]] = field(default_factory=list)

    def check(self, purse: Purse, now: datetime, reckoning: Reckoning) -> None:
        """Raises AssertionError where the reckoning comes to something else."""
        shops = [*reckoning.merchant_ids, None]

        def merchant(shop: int | None) -> str | None:
            return shops[-1 if shop is None else shop]

        last_days = [(end - timedelta(seconds=1), points) for end, points in purse.expiring(now)]
        assert self.points == {
            **purse.balance(now),
            "spendable": purse.spendable(now),
            "expiring": [{"on": reckoning.day(last).isoformat(), "points": points} for last, points in last_days],
            "lifetime": {"earned": purse.earned, "spent": purse.spent, "expired": purse.expired},
        }
        assert self.lots == [
            (
                merchant(lot.shop),
                lot.funder,
                lot.size,
                lot.left,
                lot.start,
                lot.end,
                lot.expired,
                lot.counted,
                lot.restored_from.number if lot.restored_from else None,
            )
            for lot in purse.lots
        ]
        assert self.lines == [(one.code, one.points, one.after, merchant(one.shop)) for one in purse.movements]


_ACCOUNTS = """
    SELECT a.kind, CASE WHEN a.kind IN ('issued', 'redeemed') THEN a.owner_id END, sum(s.amount)::bigint
    FROM accounts AS a JOIN (
        SELECT credit_account_id AS id, amount FROM transfers WHERE district_id = %(district)s
        UNION ALL SELECT debit_account_id, -amount FROM transfers WHERE district_id = %(district)s
    ) AS s ON s.id = a.id
    WHERE a.district_id = %(district)s AND a.kind <> 'member' GROUP BY 1, 2 HAVING sum(s.amount) <> 0
"""


def read_accounts(district_id: str, merchant_ids: list[str]) -> dict[Account, int]:
    """What the ledger's accounts hold that are no member's, as a reckoning tells it; inside the application."""
    shops: dict[str | None, int | None] = {merchant[4:]: shop for shop, merchant in enumerate(merchant_ids)}
    shops |= {None: None, hex_of(district_id): None}
    with unit_of_work(system_principal(district_id)) as uow:
        rows = uow.rows(_ACCOUNTS, {"district": hex_of(district_id)})
    return {(kind, shops[owner]): points for kind, owner, points in rows}


def read_purses(district_id: str, members: list[str], told: list[Told]) -> None:
    """Brings what is told of members up to date; inside the application."""
    with unit_of_work(system_principal(district_id)) as uow:
        for member, one in zip(members, told, strict=True):
            points = show_points(uow, member)
            one.points = {name: points[name] for name in _FIGURES}
            one.lots = [_lot(row) for row in uow.rows(_LOTS, (hex_of(district_id), hex_of(member)))]
            one.lines += _new_lines(uow, member, len(one.lines))


def _lot(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (row[0] and f"mer_{row[0]}", *row[1:])


def _new_lines(uow: UnitOfWork, member: str, known: int) -> list[tuple[str, int, int, str | None]]:
    account = account_id(ASSET, "member", member)
    rows = queries.entries(uow, account, above=known, below=1 << 62, limit=10_000, newest=False)
    assert [row.sequence for row in rows] == list(range(known + 1, known + 1 + len(rows)))
    return [(row.code, row.points, row.balance_after, row.merchant_id) for row in rows]
