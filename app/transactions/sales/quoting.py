"""What a sale would earn, posting nothing. A merchant learns nothing by it of whom it can't read anyway."""

from __future__ import annotations

from app.districts.queries import Shop
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.problems import DomainError
from app.points.purses.services import Balance
from app.points.purses.spending import spend_value
from app.transactions.sales.desk import Desk, Recorded
from app.transactions.sales.earning import STRANGER, fix_terms, note_earned
from app.transactions.sales.facts import ask_facts
from app.transactions.sales.parts import parts_of
from app.transactions.sales.record import NO_DISCOUNT, check_accepts, check_time, new_record
from app.transactions.sales.sale import Sale

_PLENTY = 1 << 60


def quote(uow: UnitOfWork, sale: Sale) -> Recorded:
    """What a report would record now. Raises what it would be refused with.

    By phone a merchant is told what anybody would earn, a member or not: one without tier or tags who has bought before.
    The same by the id of a member that hasn't shown itself there, and by a coupon alone. Whether a coupon is that of the
    member of a phone isn't told.
    """
    sale.is_by_stranger = sale.principal.merchant_id is not None and sale.report.phone is not None
    facts, earning = ask_facts(uow, [sale], lock_budgets=False)
    desk = _QuotingDesk([sale], facts, parts_of(uow, facts, earning), uow.now, uow.principal)
    outcome = desk.handle(0)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


class _QuotingDesk(Desk):
    """A desk that names no buyer whom its caller may not read, and writes nothing."""

    asks_for_evidence = False

    def _record(self, sale: Sale, shop: Shop) -> Recorded:
        buyer = None if sale.is_by_stranger else self._facts.buyer_of(sale)
        if not self._is_hidden(sale, buyer):
            return super()._record(sale, shop)
        settings, now = self._facts.settings, self._now
        check_time(sale, settings, now)
        check_accepts(sale, shop, now)
        reckoning = self._parts.coupons.reckon(sale, shop, buyer, now)
        discount = NO_DISCOUNT if reckoning is None else self._parts.coupons.discount(reckoning)
        points_amount = self._points_of_anybody(sale, sale.report.amount - discount.amount)
        record = new_record(sale, shop, settings, now, points_amount, discount)
        fix_terms(record, settings)
        note_earned(record, STRANGER, self._parts.earning)
        return Recorded(record, 201, None)

    def _is_hidden(self, sale: Sale, buyer: str | None) -> bool:
        """Whether the sale has a buyer of whom its caller may learn nothing: also one whom a coupon alone names."""
        if buyer is not None:
            return not (sale.is_present or self._parts.meetings.may_read(sale, buyer, sale.principal.merchant_id or ""))
        return sale.is_by_stranger or (
            sale.principal.merchant_id is not None and self._parts.coupons.name_a_buyer(sale)
        )

    def _points_of_anybody(self, sale: Sale, bill: int) -> int:
        """What the points to spend would take off what coupons leave of the bill of somebody who has enough."""
        plenty, terms = Balance(STRANGER, available=_PLENTY), self._facts.settings.terms.spending
        is_proven, points = sale.principal.may("points:spend-unproven"), sale.report.points_to_spend
        return spend_value(points, bill, plenty, terms, is_proven=is_proven, now=self._now)
