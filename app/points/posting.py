"""Awards in sets: lots, journals, transfers and balances of many sales in a handful of statements.

Balances are locked by the caller (`queries.ask_balances`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from app.foundation.ids import new_id
from app.foundation.sql_arrays import id_array, instant_array, number_array, text_array
from app.foundation.unit_of_work import UnitOfWork
from app.ledger import services as ledger
from app.ledger.rules import Journal, Transfer, account_id
from app.points.balances import Balance

ASSET = "points"

_LOTS = """
    INSERT INTO lots (district_id, id, member_id, merchant_id, funder, source_id, points, remaining,
                      available_at, expires_at, recorded_at)
    SELECT %(district)s::uuid, l.id, l.member, l.merchant, l.funder, l.source, l.points, l.points, l.available,
           l.expires, %(now)s::timestamptz
    FROM unnest(%(ids)s::uuid[], %(members)s::uuid[], %(merchants)s::uuid[], %(funders)s::text[], %(sources)s::uuid[],
                %(points)s::bigint[], %(available)s::timestamptz[], %(expires)s::timestamptz[])
        AS l (id, member, merchant, funder, source, points, available, expires)
"""
_BALANCES = """
    UPDATE point_balances AS b
    SET ledger = n.ledger, available = n.available, pending = n.pending, owed = n.owed, earned = n.earned,
        sequence = n.sequence, next_change_at = n.next_change
    FROM unnest(%(members)s::uuid[], %(ledger)s::bigint[], %(available)s::bigint[], %(pending)s::bigint[],
                %(owed)s::bigint[], %(earned)s::bigint[], %(sequences)s::bigint[], %(changes)s::timestamptz[])
        AS n (member, ledger, available, pending, owed, earned, sequence, next_change)
    WHERE b.district_id = %(district)s::uuid AND b.member_id = n.member
"""


class Award(NamedTuple):
    """Points that a sale earned. `funded`: points by funder (`merchant`, `district`); instants in UTC."""

    source_id: str
    member_id: str
    merchant_id: str
    principal_id: str
    funded: Mapping[str, int]
    occurred_at: datetime
    available_at: datetime
    expires_at: datetime | None


class _Lot(NamedTuple):
    id: str
    member_id: str
    merchant_id: str
    funder: str
    source_id: str
    points: int
    available_at: datetime
    expires_at: datetime | None


class Posting:
    """Awards gathered one by one, in order, each seeing what those before it left; written as one set."""

    def __init__(self, uow: UnitOfWork, balances: dict[str, Balance]) -> None:
        self._uow = uow
        self.balances = balances
        self._journals: list[Journal] = []
        self._transfers: list[Transfer] = []
        self._lots: list[_Lot] = []
        self._changed: dict[str, Balance] = {}

    def award(self, award: Award) -> None:
        """Adds an award to the member's balance: one lot and one transfer for each funder."""
        balance = self.balances[award.member_id]
        holder = account_id(ASSET, "member", award.member_id)
        self._journals.append(Journal(award.source_id, "sale", award.principal_id, award.occurred_at))
        for line, (funder, points) in enumerate(award.funded.items()):
            lot_id = new_id("lot")
            balance.add_lot(points, award.available_at, award.expires_at, self._uow.now)
            owner = award.merchant_id if funder == "merchant" else self._uow.district_id
            self._lots.append(
                _Lot(
                    lot_id,
                    award.member_id,
                    award.merchant_id,
                    funder,
                    award.source_id,
                    points,
                    award.available_at,
                    award.expires_at,
                )
            )
            self._transfers.append(
                Transfer(
                    award.source_id,
                    line,
                    ASSET,
                    account_id(ASSET, "issued", owner),
                    holder,
                    points,
                    "earn",
                    lot_id,
                    holder,
                    balance.sequence,
                    balance.ledger,
                )
            )
        self._changed[award.member_id] = balance

    def write(self) -> None:
        """Sends everything gathered, in a handful of statements whatever its size."""
        if not self._lots:
            return
        ledger.post(self._uow, self._journals, self._transfers)
        ids, members, merchants, funders, sources, points, available, expires = zip(*self._lots, strict=True)
        self._uow.write(
            _LOTS,
            {
                "ids": id_array(ids),
                "members": id_array(members),
                "merchants": id_array(merchants),
                "funders": text_array(funders),
                "sources": id_array(sources),
                "points": number_array(points),
                "available": instant_array(available),
                "expires": instant_array(expires),
            },
        )
        changed = list(self._changed.values())
        self._uow.write(
            _BALANCES,
            {
                "members": id_array([one.member_id for one in changed]),
                "ledger": number_array([one.ledger for one in changed]),
                "available": number_array([one.available for one in changed]),
                "pending": number_array([one.pending for one in changed]),
                "owed": number_array([one.owed for one in changed]),
                "earned": number_array([one.earned for one in changed]),
                "sequences": number_array([one.sequence for one in changed]),
                "changes": instant_array([one.next_change_at for one in changed]),
            },
        )
