"""What changes with a set of sales, part by part. A new kind of change is one more line here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.foundation.database import idempotency
from app.foundation.database.parts import Part
from app.foundation.database.unit_of_work import UnitOfWork
from app.points.purses.services import Purses
from app.transactions.events import PaymentShared, TransactionRecorded
from app.transactions.sales import writing
from app.transactions.sales.claims import Claims
from app.transactions.sales.coupons import Coupons
from app.transactions.sales.earning import Earning
from app.transactions.sales.facts import Facts
from app.transactions.sales.meeting import Meetings
from app.transactions.sales.proofs import Proofs
from app.transactions.sales.record import Record


class NewSales:
    """Sales that are recorded, and those of other merchants that they share a payment with."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._records: dict[str, Record] = {}
        self._shared: list[PaymentShared] = []

    def __contains__(self, sale_id: str) -> bool:
        return sale_id in self._records

    def add(self, record: Record) -> None:
        """Adds a sale, or puts it in the place of what it was before in this set."""
        self._records[record.id] = record

    def share_payment(self, record: Record, others: list[str]) -> None:
        """Notes the sales (ids) that were reported with the payment of this one before."""
        self._shared += [PaymentShared(record.id, other) for other in others]

    def write(self) -> None:
        """Sends the sales, and what is told of them."""
        records = list(self._records.values())
        writing.insert_sales(self._uow, records)
        self._uow.emit(*map(_recorded, records), *self._shared)


def _recorded(record: Record) -> TransactionRecorded:
    return TransactionRecorded(
        record.id,
        record.merchant_id,
        record.store_id,
        record.member_id,
        record.amount,
        record.paid_amount,
        record.eligible_amount,
        record.points_earned,
        record.points_spent,
        bool(record.by_coupon),
    )


class Keys:
    """Answers that are stored under idempotency keys."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._kept: list[tuple[idempotency.Pair, idempotency.StoredKey]] = []

    def add(self, key: idempotency.Pair, stored: idempotency.StoredKey) -> None:
        """Stores an answer."""
        self._kept.append((key, stored))

    def write(self) -> None:
        """Sends them."""
        idempotency.keep_keys(self._uow, self._kept)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a set of sales may change, in the order in which it is written."""

    earning: Earning
    proofs: Proofs
    claims: Claims
    new: NewSales
    purses: Purses
    keys: Keys
    meetings: Meetings
    coupons: Coupons

    def __iter__(self) -> Iterator[Part]:
        yield from (self.earning, self.proofs, self.claims, self.coupons)
        yield from (self.new, self.purses, self.keys, self.meetings)


def parts_of(uow: UnitOfWork, facts: Facts, earning: Earning) -> Parts:
    """The parts that write in a unit of work, with what was asked for them."""
    return Parts(
        earning,
        Proofs(uow, facts.used_tokens),
        Claims(uow, facts.settings),
        NewSales(uow),
        Purses(uow, facts.balances, facts.lots),
        Keys(uow),
        Meetings(uow, facts.known),
        Coupons(uow, facts.tender, facts.settings.directory.zone),
    )
