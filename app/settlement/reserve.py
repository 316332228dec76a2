"""The reserve: what the pool must hold for the points that are out, each at the price at which it came in.

What it holds beyond that is breakage kept and the margin between prices: no more may the district draw.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.ledger import services as ledger
from app.ledger.queries import RECORDED
from app.ledger.rules import Journal, Transfer, account_id
from app.points.purses.queries import OUTSTANDING
from app.settlement import movements, queries
from app.settlement.closing import ASSET, onwards
from app.settlement.errors import PoolTooSmall
from app.settlement.events import ReserveDrawn
from app.settlement.models import SettlementPeriod
from app.settlement.queries import InForce
from app.settlement.rules import drawable
from app.settlement.writing import Sums, summed

_REMAINING = f"""
    SELECT width_bucket(a.recorded_at, %(starts)s::timestamptz[]), l.merchant_id, sum(l.remaining)::bigint
    FROM ({OUTSTANDING}) AS l JOIN ({RECORDED}) AS a ON a.id = l.source_id GROUP BY 1, 2
"""
MOST = 1_000_000
"""So many journals that haven't been gathered are counted, also of periods that have begun since: lots know of them."""


class Reserve(NamedTuple):
    """What the pool must hold for points that are out, what it holds exactly with all that isn't settled, and as booked."""

    outstanding: Decimal
    pool: Decimal
    booked: int

    @property
    def drawable(self) -> int:
        """What the district may draw."""
        return drawable(self.outstanding, self.pool, self.booked)


def reserve_of(uow: UnitOfWork, period: SettlementPeriod, booked: int) -> Reserve:
    """The reserve now. `period`: the first that isn't closed; `booked`: what its pool comes to so far, rounded."""
    known = InForce(uow)
    found = movements.unsettled(uow, onwards(period)._replace(until=uow.now + timedelta(days=1)), MOST)
    moved = movements.moved(uow, [one.id for one in found], known.starts, period.starts_at) if found else []
    booked += sum(one.pool or 0 for one in uow.session.scalars(queries.periods(uow)))
    return Reserve(_outstanding(uow, known), _gathered(uow) - _exact(summed(known.clearing, moved)), booked)


def _outstanding(uow: UnitOfWork, known: InForce) -> Decimal:
    values = {"district": hex_of(uow.district_id), "starts": movements.thresholds(known.starts)}
    rows = uow.rows(_REMAINING, values)
    prices = (known.clearing.issue_price(version, issuer and f"mer_{issuer}") * left for version, issuer, left in rows)
    return sum(prices, Decimal(0))


def _gathered(uow: UnitOfWork) -> Decimal:
    return -queries.exact_sum_of_lines(uow)


def _exact(sums: Sums) -> Decimal:
    return sum((one.points * (line.price or Decimal(1)) for (_, line), one in sums.items()), Decimal(0))


def draw(uow: UnitOfWork, period: SettlementPeriod, booked: int, *, amount: int, reason: str) -> None:
    """Lets the district have an amount of what the pool holds beyond its reserve. Hold the period.

    Raises PoolTooSmall.
    """
    if amount > reserve_of(uow, period, booked).drawable:
        raise PoolTooSmall
    sides = (ASSET, "pool_drawn", uow.district_id), (ASSET, "drawn", uow.district_id)
    ledger.open_accounts(uow, sides)
    journal = Journal(new_id("jou"), "draw", uow.principal.id, uow.now)
    debit, credit = (account_id(*side) for side in sides)
    ledger.post(uow, [journal], [Transfer(journal.id, 0, ASSET, debit, credit, amount, "draw")])
    uow.emit(ReserveDrawn(period.id, amount))
