"""Reading lines of banks' statements, and the payments that they may show."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import orjson
from sqlalchemy import Select, select

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.runtime import keyring
from app.payments.marks import mark_of
from app.payments.models import PaymentAttempt, PaymentRow
from app.payments.queries import party_of
from app.payments.reconciling.models import BankLineRow
from app.payments.reconciling.rules import BankLine, KnownPayment
from app.payments.rules import BY_FILE, BY_HAND

OPEN = ("draft", "sent", "unknown", "failed")


def lines(uow: UnitOfWork) -> Select[BankLineRow]:
    """All lines."""
    return select(BankLineRow).where(BankLineRow.district_id == uow.district_id)


def prints(uow: UnitOfWork, wanted: Collection[bytes]) -> set[bytes]:
    """Which of some lines are known."""
    query = select(BankLineRow.print).where(
        BankLineRow.district_id == uow.district_id, BankLineRow.print.in_(list(wanted))
    )
    return set(uow.session.scalars(query))


def words_of(row: BankLineRow) -> dict[str, str]:
    """What a line says in words. Raises SealBroken."""
    told: dict[str, str] = orjson.loads(keyring().open_bytes(row.words, bound_to=row.id))
    return told


def line_of(row: BankLineRow) -> BankLine:
    """A line as a value."""
    said = words_of(row)
    return BankLine(row.booked_on, row.amount, said["reference"], said["holder"], said["purpose"])


def open_payments(uow: UnitOfWork) -> list[KnownPayment]:
    """Payments of which the bank may show that they were done: those that no program moves."""
    query = select(PaymentRow).where(
        PaymentRow.district_id == uow.district_id,
        PaymentRow.state.in_(OPEN),
        PaymentRow.provider.in_((BY_HAND, BY_FILE)),
    )
    names = districts.merchant_names(uow)
    return [_known(row, row.attempts, row.amount, None, names) for row in uow.session.scalars(query)]


def booked(uow: UnitOfWork, *, seen: bool | None = None) -> list[KnownPayment]:
    """What was booked at the bank, and stands; with `seen`, whether a line of the bank's has shown it."""
    query = (
        select(PaymentRow, PaymentAttempt)
        .join(
            PaymentAttempt,
            (PaymentAttempt.district_id == uow.district_id) & (PaymentAttempt.payment_id == PaymentRow.id),
        )
        .where(
            PaymentRow.district_id == uow.district_id,
            PaymentAttempt.provider.in_((BY_HAND, BY_FILE)),
            PaymentAttempt.state == "succeeded",
        )
        .order_by(PaymentRow.id)
    )
    if seen is not None:
        shown = (
            select(BankLineRow.id)
            .where(BankLineRow.district_id == uow.district_id, BankLineRow.payment_id == PaymentRow.id)
            .exists()
        )
        query = query.where(shown if seen else ~shown)
    names = districts.merchant_names(uow)
    return [_known(row, one.number, one.amount or 0, one.reference, names) for row, one in uow.session.execute(query)]


def _known(row: PaymentRow, attempt: int, amount: int, reference: str | None, names: dict[str, str]) -> KnownPayment:
    signed = amount if row.direction == "in" else -amount
    name = names.get(party_of(row).id)
    return KnownPayment(row.id, attempt, signed, mark_of(row.id), frozenset([name] if name else []), reference)


def unmatched(uow: UnitOfWork, most: int) -> Iterable[BankLineRow]:
    """Lines that are of no payment, newest first."""
    return uow.session.scalars(
        lines(uow).where(BankLineRow.payment_id.is_(None)).order_by(BankLineRow.id.desc()).limit(most)
    )
