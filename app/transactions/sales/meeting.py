"""Which members deal with which merchants, as sales show it; who has proved it by a code, and may be read there."""

from __future__ import annotations

from collections.abc import Mapping

from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.members import naming
from app.members import services as members
from app.transactions.sales.record import Record
from app.transactions.sales.sale import Sale

Pair = tuple[str, str]
"""A member and a merchant."""


class Meetings:
    """Buyers and merchants of one set of sales, in order. `known`: memberships, and whether the member has proved them."""

    def __init__(self, uow: UnitOfWork, known: Mapping[Pair, bool]) -> None:
        self._uow = uow
        self._before = known
        self._now = dict(known)
        self._proved: set[str] = set()
        self._unproven_spending: list[tuple[Sale, Record, str]] = []

    def may_read(self, sale: Sale, member_id: str, merchant_id: str) -> bool:
        """Whether the key that reports a sale may read a member's balance.

        The member need not be the one that the report names: a sale that was known before is shown with its own buyer.
        """
        return sale.principal.merchant_id is None or self._now.get((member_id, merchant_id), False)

    def check(self, sale: Sale, member_id: str, merchant_id: str) -> dict[str, str]:
        """Counts a report by phone by which a merchant learns of a member that it hasn't dealt with before.

        Gives the `RateLimit-*` headers.

        Raises RateLimited.
        """
        if not sale.phone_indexes or (member_id, merchant_id) in self._now:
            return {}
        return naming.count_known_phone(sale.principal)

    def note_unproven(self, sale: Sale, record: Record, member_id: str) -> None:
        """Notes points that only a scope of the key let it spend, for the audit log."""
        self._unproven_spending.append((sale, record, member_id))

    def add_sale(self, sale: Sale, record: Record) -> None:
        """Takes in a sale that has found its member: a live code or token proves that they deal with the merchant.

        Whom a coupon alone names becomes no member of the merchant, which isn't told who it is.
        """
        if record.member_id is None or record.by_coupon:
            return
        pair = (record.member_id, record.merchant_id)
        self._now[pair] = self._now.get(pair, False) or sale.is_present
        minute = sale.presented.minute if sale.presented is not None and sale.is_present else None
        if minute is not None and members.is_news(minute.proved_at, self._uow.now):
            self._proved.add(record.member_id)

    def write(self) -> None:
        """Sends what is new: memberships, proofs, and entries for what only a scope of the key allowed."""
        members.prove_members(self._uow, self._proved)
        for sale, record, member_id in self._unproven_spending:
            details = {"transaction_id": record.id, "points": record.points_spent}
            actor, origin = sale.principal, sale.origin
            audit.record(self._uow, "points.spent_unproven", member_id, details, actor=actor, origin=origin)
        for way, is_proven in (("purchase", False), ("code", True)):
            changed = {pair for pair, proven in self._now.items() if proven is is_proven}
            pairs = {pair for pair in changed if self._before.get(pair) is not is_proven}
            members.join_merchants(self._uow, pairs, way=way, is_proven=is_proven)
