"""Verbs of batches: payments put into a file, taken out of it, and told what the bank did.

Who orders one holds the cash, then the payments by id; who tells of one its row, then its payments by id. A payment is in one
live batch at most: while it is, it is under way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

import orjson

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import new_id
from app.foundation.runtime import keyring
from app.payments import booking, services
from app.payments import queries as payments
from app.payments.bank_file import queries
from app.payments.bank_file.errors import BatchOver, NothingToSend
from app.payments.bank_file.models import PaymentBatch
from app.payments.bank_file.profiles import PROFILES, FileRow, written
from app.payments.bank_file.reading import OutcomeRow, matched, outcomes_in
from app.payments.marks import mark_of
from app.payments.models import PaymentRow
from app.payments.port import PaymentOutcome
from app.payments.rules import BY_FILE, BY_HAND
from app.payments.services import BankSlip


class BankAccount(NamedTuple):
    """Where a party is paid, or pays from."""

    holder: str
    account_number: str
    bank: str
    bank_code: str


class BatchOrder(NamedTuple):
    """Which payments go into a file of a layout: drafts of these statements, of merchants whose accounts are known."""

    period_id: str
    direction: str
    profile: str
    statement_ids: Sequence[str]
    account_of: Callable[[str], BankAccount | None]


def order(uow: UnitOfWork, wanted: BatchOrder) -> PaymentBatch:
    """Puts payments into a file, up to what its layout takes: each begins a try. Raises NothingToSend, CashShort."""
    if wanted.direction == "out":
        payments.lock_cash(uow)
    profile = PROFILES[wanted.profile]
    known = _drafts(uow, wanted)[: profile.most_rows]
    rows = [row for row, _ in known]
    if not rows:
        raise NothingToSend
    amount = sum(row.amount for row in rows)
    if wanted.direction == "out":
        services.check_cash(uow, amount)
    lines = [FileRow(number, *account, row.amount, mark_of(row.id)) for number, (row, account) in enumerate(known, 1)]
    tries = [services.begin_attempt(uow, row, BY_FILE).number for row in rows]
    content, batch_id = written(profile, lines), new_id("bat")
    told = {row.id: (attempt, tuple(line)) for row, attempt, line in zip(rows, tries, lines, strict=True)}
    batch = PaymentBatch(
        district_id=uow.district_id,
        id=batch_id,
        period_id=wanted.period_id,
        direction=wanted.direction,
        profile=wanted.profile,
        status="open",
        amount=amount,
        sha256=hashlib.sha256(content).digest(),
        content=keyring().seal_bytes(content, bound_to=batch_id),
        told=keyring().seal_bytes(orjson.dumps(told), bound_to=batch_id),
        created_at=uow.now,
    )
    uow.session.add(batch)
    uow.session.flush()
    return batch


def _drafts(uow: UnitOfWork, wanted: BatchOrder) -> list[tuple[PaymentRow, BankAccount]]:
    """The payments that can go into a file, locked, with the accounts of their merchants."""
    drafts = payments.payments(uow).where(
        PaymentRow.statement_id.in_(wanted.statement_ids),
        PaymentRow.direction == wanted.direction,
        PaymentRow.state == "draft",
        PaymentRow.provider.in_((BY_HAND, BY_FILE)),
        PaymentRow.party_kind == "merchant",
    )
    found = [(row, wanted.account_of(payments.party_of(row).id)) for row in payments.lock_payments(uow, drafts)]
    return [(row, account) for row, account in found if account is not None]


def batch_to_send(uow: UnitOfWork, batch_id: str) -> PaymentBatch:
    """A batch whose file may go to the bank. Raises NotFound, BatchOver for one that was cancelled."""
    batch = queries.find_batch(uow, batch_id)
    if batch.status == "cancelled":
        raise BatchOver
    return batch


def cancel(uow: UnitOfWork, batch_id: str) -> PaymentBatch:
    """Takes payments out of a file that the bank was not given: they are drafts again. Again it changes nothing.

    Raises NotFound, and BatchOver once the bank has told of it.
    """
    batch = queries.find_batch(uow, batch_id, lock=True)
    if batch.status == "cancelled":
        return batch
    if batch.status != "open":
        raise BatchOver
    told = queries.rows_of(batch)
    for row in payments.lock_payments(uow, payments.payments(uow).where(PaymentRow.id.in_(told))):
        attempt = payments.find_attempt(uow, row.id, told[row.id][0])
        if attempt.state == "sent":
            services.take_back(uow, row, attempt)
    batch.status = "cancelled"
    return batch


class Noted(NamedTuple):
    """What a bank's file has told: how many rows of each kind, and those that are of no payment, or decide nothing."""

    succeeded: int
    failed: int
    returned: int
    not_matched: list[int]
    undecided: list[int]


def note_outcomes(uow: UnitOfWork, batch_id: str, content: bytes) -> tuple[PaymentBatch, Noted]:
    """Notes what a bank's file says; the same file again changes nothing. Rows that are of no payment are told, not guessed.

    Raises NotFound, ValidationFailed.
    """
    rows = outcomes_in(content)
    batch = queries.find_batch(uow, batch_id, lock=True)
    told = queries.rows_of(batch)
    found = matched(rows, {payment: line for payment, (_, line) in told.items()})
    by_id = {row.id: row for row in payments.lock_payments(uow, payments.payments(uow).where(PaymentRow.id.in_(told)))}
    counts = {"succeeded": 0, "failed": 0, "returned": 0, "open": 0}
    for one in rows:
        if (payment_id := found[one.number]) is not None:
            counts[one.result] += 1
            _note(uow, by_id[payment_id], told[payment_id][0], one)
    if batch.status == "open" and counts["succeeded"] + counts["failed"] + counts["returned"]:
        batch.status = "told"
    not_matched = [number for number, payment in found.items() if payment is None]
    undecided = [one.number for one in rows if one.result == "open" and found[one.number] is not None]
    return batch, Noted(counts["succeeded"], counts["failed"], counts["returned"], not_matched, undecided)


def _note(uow: UnitOfWork, row: PaymentRow, number: int, one: OutcomeRow) -> None:
    attempt = payments.find_attempt(uow, row.id, number)
    if one.result == "returned" and attempt.journal_id is not None:
        services.give_back(uow, row, attempt)
    elif one.result == "succeeded":
        slip = BankSlip(one.reference or "", booking.today(uow), attempt.amount or one.amount or row.amount)
        services.take_outcome(uow, row, attempt, PaymentOutcome("succeeded", one.reference), slip)
    elif one.result in ("failed", "returned"):
        code = (one.why or "refused-by-bank")[:100]
        services.take_outcome(uow, row, attempt, PaymentOutcome("failed", one.reference, code, final=True))
