"""Verbs of payments. Each decides under the payment's lock; those that may pay out hold the cash before it.

A payment and its attempt are committed before anybody is called, and what became of it is told to `take_outcome`, by whomever
and however often: money is booked once for each attempt that moved it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of, new_id
from app.foundation.problems import ValidationFailed
from app.payments import booking, queries
from app.payments.errors import BankReferenceUsed, CashShort, PaymentOver
from app.payments.events import PaymentFailed, PaymentReturned, PaymentSucceeded
from app.payments.models import PaymentAttempt, PaymentRow
from app.payments.port import PaymentOutcome
from app.payments.queries import PartyOfPayment
from app.payments.rules import (
    BY_FILE,
    BY_HAND,
    LOOK_AFTER,
    LOST_AFTER,
    UNDER_WAY,
    Direction,
    after,
    may,
    next_try,
)


@dataclass(frozen=True, slots=True)
class WantedPayment:
    """What a payment is to be; see `models.PaymentRow`. `customer`: the party's name at the provider."""

    party: PartyOfPayment
    direction: Direction
    amount: int
    statement_id: str | None = None
    due_on: date | None = None
    provider: str = BY_HAND
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class BankSlip:
    """What the bank says of a transfer: its own number for it, the day, and the amount in minor units."""

    bank_reference: str
    booked_on: date
    amount: int


def make(uow: UnitOfWork, wanted: WantedPayment) -> PaymentRow:
    """Drafts a payment. There must be no other live one of the party's account; of two at once one is refused by the database."""
    row = _row(uow, wanted, "draft")
    uow.session.add(row)
    uow.session.flush()
    return row


def _row(uow: UnitOfWork, wanted: WantedPayment, state: str) -> PaymentRow:
    return PaymentRow(
        district_id=uow.district_id,
        id=new_id("pay"),
        party_kind=wanted.party.kind,
        party_id=f"pty_{hex_of(wanted.party.id)}",
        account=wanted.party.account,
        direction=wanted.direction,
        amount=wanted.amount,
        paid_amount=0,
        currency=districts.district(uow).currency,
        statement_id=wanted.statement_id,
        due_on=wanted.due_on,
        provider=wanted.provider,
        customer=wanted.customer,
        state=state,
        attempts=0,
        retries=0,
        created_at=uow.now,
        changed_at=uow.now,
    )


def begin_attempt(uow: UnitOfWork, row: PaymentRow, provider: str) -> PaymentAttempt:
    """Begins another try at a payment that is locked; commit it before anybody is called. Raises PaymentOver."""
    if not may("send", row.state):
        raise PaymentOver
    if row.retry_at is not None and row.retry_at <= uow.now:
        row.retries += 1
    row.retry_at, row.code = None, None
    by_program = provider not in (BY_HAND, BY_FILE)
    _put(uow, row, "sent")
    return _attempt(uow, row, provider, look_at=uow.real_now + LOST_AFTER if by_program else None)


def _attempt(uow: UnitOfWork, row: PaymentRow, provider: str, **more: object) -> PaymentAttempt:
    row.attempts += 1
    attempt = PaymentAttempt(
        district_id=uow.district_id,
        payment_id=row.id,
        number=row.attempts,
        provider=provider,
        state="sent",
        started_at=uow.now,
        **more,
    )
    uow.session.add(attempt)
    uow.session.flush()
    return attempt


def _put(uow: UnitOfWork, row: PaymentRow, state: str) -> None:
    row.state, row.changed_at = state, uow.now


def take_outcome(
    uow: UnitOfWork, row: PaymentRow, attempt: PaymentAttempt, told: PaymentOutcome, slip: BankSlip | None = None
) -> bool:
    """Notes what became of an attempt, of a payment that is locked, and books money that has moved; says whether that was new.

    Forwards only: what is told late, twice or out of order changes nothing. A `slip` says what the bank moved, and when.
    """
    state = after(attempt.state, told.state)
    wait = LOOK_AFTER.get(told.state) if state in UNDER_WAY and attempt.provider not in (BY_HAND, BY_FILE) else None
    attempt.look_at = None if wait is None else uow.real_now + wait
    if attempt.state != "succeeded":
        attempt.reference = told.reference or attempt.reference
    if state == attempt.state:
        return False
    if state == "succeeded":
        _succeed(uow, row, attempt, slip)
        return True
    attempt.state, attempt.code = state, told.code
    if attempt.number == row.attempts:
        _put(uow, row, after(row.state, told.state))
        if row.state == "failed":
            _fail(uow, row, attempt, told)
    return True


def _succeed(uow: UnitOfWork, row: PaymentRow, attempt: PaymentAttempt, slip: BankSlip | None) -> None:
    amount = row.amount if slip is None else slip.amount
    moved = booking.MovedMoney(attempt.provider, amount, booking.today(uow) if slip is None else slip.booked_on)
    attempt.journal_id = booking.book(uow, row, moved)
    attempt.state, attempt.code = "succeeded", None
    attempt.amount, attempt.booked_on, attempt.ended_at = moved.amount, moved.booked_on, uow.now
    row.paid_amount += amount
    row.retry_at = row.code = None
    _put(uow, row, "succeeded")
    uow.session.flush()
    uow.emit(PaymentSucceeded(row.id, attempt.number, _merchant_of(row), row.account, row.direction, amount))


def _fail(uow: UnitOfWork, row: PaymentRow, attempt: PaymentAttempt, told: PaymentOutcome) -> None:
    wait = next_try(row.retries, final=told.final, provider=attempt.provider)
    attempt.ended_at = uow.now
    row.code, row.retry_at = told.code, None if wait is None else uow.now + wait
    uow.session.flush()
    uow.emit(
        PaymentFailed(
            row.id, attempt.number, _merchant_of(row), row.account, row.direction, row.amount, told.code, bool(wait)
        )
    )


def _merchant_of(row: PaymentRow) -> str | None:
    return queries.party_of(row).id if row.party_kind == "merchant" else None


def confirm(uow: UnitOfWork, payment_id: str, slip: BankSlip) -> PaymentRow:
    """Books a transfer that a person has seen at the bank. The same slip again changes nothing.

    A try by hand or by a file ends with it; beside a provider's that still runs it is another, and both count: more than was asked
    for is carried on. Raises NotFound, PaymentOver, BankReferenceUsed, CashShort, ValidationFailed.
    """
    _check_day(uow, slip)
    is_out = queries.find_payment(uow, payment_id).direction == "out"
    if is_out:
        queries.lock_cash(uow)
    row = queries.find_payment(uow, payment_id, lock=True)
    if _is_booked(uow, row, slip):
        return row
    if not may("confirm", row.state):
        raise PaymentOver
    if is_out:
        _check_payout(uow, row, slip)
    attempt = queries.open_attempt(uow, row)
    if attempt is None or attempt.provider not in (BY_HAND, BY_FILE):
        attempt = _attempt(uow, row, BY_HAND)
    attempt.provider = BY_HAND
    take_outcome(uow, row, attempt, PaymentOutcome("succeeded", slip.bank_reference), slip)
    return row


def _check_day(uow: UnitOfWork, slip: BankSlip) -> None:
    if not date(2000, 1, 1) <= slip.booked_on <= booking.today(uow):
        raise ValidationFailed.at("/booked_on", "out-of-range", _l("A day from 2000 to today is needed."))


def _is_booked(uow: UnitOfWork, row: PaymentRow | None, slip: BankSlip) -> bool:
    """Whether a payment was booked by this slip. Raises BankReferenceUsed for one that says something else."""
    taken = queries.slip_taken(uow, slip.bank_reference)
    if taken is None:
        return False
    if row is None or (taken.payment_id, taken.amount, taken.booked_on) != (row.id, slip.amount, slip.booked_on):
        raise BankReferenceUsed
    return True


def _check_payout(uow: UnitOfWork, row: PaymentRow, slip: BankSlip) -> None:
    if slip.amount > row.amount:
        raise ValidationFailed.at("/amount", "out-of-range", _l("No more is paid out than is owed."))
    if row.state not in UNDER_WAY:  # what is under way has its cash
        check_cash(uow, slip.amount)


def check_cash(uow: UnitOfWork, amount: int) -> None:
    """Hold the cash. Raises CashShort."""
    available = queries.cash(uow)
    if amount > available:
        raise CashShort(cash=available)


def receive(uow: UnitOfWork, party: PartyOfPayment, slip: BankSlip) -> PaymentRow:
    """Books money that nobody was asked for: a top-up by the district, or what a party pays early. It is carried on.

    Raises BankReferenceUsed, ValidationFailed.
    """
    _check_day(uow, slip)
    _is_booked(uow, None, slip)
    row = _row(uow, WantedPayment(party, "in", slip.amount), "succeeded")
    uow.session.add(row)
    uow.session.flush()
    attempt = _attempt(uow, row, BY_HAND)
    take_outcome(uow, row, attempt, PaymentOutcome("succeeded", slip.bank_reference), slip)
    return row


def retry(uow: UnitOfWork, payment_id: str) -> PaymentRow:
    """Drafts a payment again that has failed or come back; a program's is sent at once, others go into the next file.

    It uses up none of those that it makes by itself. Raises NotFound, PaymentOver.
    """
    row = queries.find_payment(uow, payment_id, lock=True)
    if not may("retry", row.state):
        raise PaymentOver
    row.retry_at = row.code = None
    _put(uow, row, "draft")
    uow.session.flush()
    return row


def cancel(uow: UnitOfWork, payment_id: str) -> PaymentRow:
    """Ends a payment of which nothing is under way; again changes nothing. What it was to pay is carried on.

    Raises NotFound, PaymentOver.
    """
    row = queries.find_payment(uow, payment_id, lock=True)
    if row.state != "cancelled":
        if not may("cancel", row.state):
            raise PaymentOver
        row.retry_at = None
        _put(uow, row, "cancelled")
        uow.session.flush()
    return row


def give_up(uow: UnitOfWork, payment_id: str) -> None:
    """Lets another take the place of a payment of which nothing is under way: a draft, or one to be tried again. Raises NotFound."""
    row = queries.find_payment(uow, payment_id, lock=True)
    row.retry_at = None
    if row.state == "draft":
        _put(uow, row, "cancelled")
    uow.session.flush()


def take_back(uow: UnitOfWork, row: PaymentRow, attempt: PaymentAttempt) -> None:
    """Lets a try of a payment that is locked go back to a draft: what it was to be sent with was cancelled."""
    attempt.state, attempt.ended_at = "cancelled", uow.now
    if row.state in UNDER_WAY and attempt.number == row.attempts:
        _put(uow, row, "draft")
    uow.session.flush()


def give_back(uow: UnitOfWork, row: PaymentRow, attempt: PaymentAttempt) -> bool:
    """Books back what an attempt of a payment that is locked had moved; says whether that was new."""
    if attempt.amount is None or attempt.booked_on is None or attempt.returned_in is not None:
        return False
    moved = booking.MovedMoney(attempt.provider, attempt.amount, attempt.booked_on)
    attempt.returned_in, attempt.state = booking.book_back(uow, row, moved), "returned"
    row.paid_amount -= moved.amount
    if row.paid_amount == 0:
        _put(uow, row, "returned")
    uow.session.flush()
    uow.emit(PaymentReturned(row.id, attempt.number, _merchant_of(row), row.account, row.direction, attempt.amount))
    return True
