"""What changes with a set of refunds, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.coupons.redeeming.refunding import CouponsReturned
from app.coupons.vouchers.refunding import VouchersRefunded
from app.foundation.database.parts import Part
from app.foundation.database.unit_of_work import UnitOfWork
from app.points.purses.services import Purses
from app.points.tiers.member_tiers import TierStates
from app.points.tiers.queries import Ladder
from app.points.tiers.rules import TierFigures
from app.transactions.events import RefundRecorded
from app.transactions.refunds import writing
from app.transactions.refunds.facts import Facts
from app.transactions.refunds.rules import Refund
from app.transactions.sales.record import Record


class NewRefunds:
    """Refunds that are recorded, and what they leave of their sales."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._refunds: list[tuple[Refund, Record]] = []

    def add(self, refund: Refund, sale: Record) -> None:
        """Adds a refund, and its sale as it is with it."""
        self._refunds.append((refund, sale))

    def write(self) -> None:
        """Sends the refunds, and what is told of them."""
        refunded = {sale.id: sale.refunded_amount for _, sale in self._refunds}
        writing.insert_refunds(self._uow, [refund for refund, _ in self._refunds], refunded)
        self._uow.emit(*(_recorded(refund, sale) for refund, sale in self._refunds))


class Returned:
    """What no longer counts for tiers, on the day of its sale."""

    def __init__(self, uow: UnitOfWork, ladder: Ladder) -> None:
        self._states = TierStates(uow, ladder)
        self._ladder = ladder
        self._bought: list[tuple[str, Refund, Record]] = []

    def add(self, refund: Refund, sale: Record) -> None:
        """Notes what goes back of a member's sale."""
        if refund.member_id is not None and self._ladder.tiers:
            self._bought.append((refund.member_id, refund, sale))

    def write(self) -> None:
        """Takes it from the days of the sales, and the tiers that rested on it."""
        if not self._bought:
            return
        self._states.take_back(
            [
                (
                    member_id,
                    sale.occurred_at.astimezone(self._ladder.zone).date(),
                    TierFigures(-refund.points_reversed, -refund.money_amount),
                )
                for member_id, refund, sale in self._bought
            ]
        )
        self._states.write()


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a set of refunds may change, in the order in which it is written."""

    coupons: CouponsReturned
    vouchers: VouchersRefunded
    new: NewRefunds
    purses: Purses
    returned: Returned

    def __iter__(self) -> Iterator[Part]:
        yield from (self.coupons, self.vouchers, self.new, self.purses, self.returned)


def parts_of(uow: UnitOfWork, facts: Facts) -> Parts:
    """The parts that write in a unit of work, with what was asked for them."""
    return Parts(
        CouponsReturned(uow, facts.settings.directory.zone, facts.gone()),
        VouchersRefunded(uow),
        NewRefunds(uow),
        Purses(uow, facts.balances, facts.lots),
        Returned(uow, facts.settings.terms.ladder),
    )


def _recorded(refund: Refund, sale: Record) -> RefundRecorded:
    return RefundRecorded(
        refund.id,
        refund.transaction_id,
        refund.merchant_id,
        refund.member_id,
        refund.amount,
        refund.money_amount,
        refund.points_reversed,
        refund.points_owed,
        refund.points_restored,
        refund.discount_reversed,
        sale.status,
        bool(refund.by_coupon),
    )
