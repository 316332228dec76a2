"""A bank's statement taken in: each line once, and what it shows is booked, found, or brought back. The rest is listed.

Holds the district's cash, as whoever decides on payouts does, and so one statement comes after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import new_id
from app.foundation.problems import DomainError
from app.foundation.runtime import keyring
from app.payments import queries as payments
from app.payments import services
from app.payments.reconciling import queries
from app.payments.reconciling.models import BankLineRow
from app.payments.reconciling.reading import lines_in
from app.payments.reconciling.rules import BankLine, KnownPayment, booked_by, candidates, returned_by
from app.payments.services import BankSlip


class TakenStatement(NamedTuple):
    """What a statement has brought: new lines by what became of them, lines that were known, rows that are none."""

    booked: int
    found: int
    returned: int
    ambiguous: int
    left: int
    known: int
    not_read: list[int]


def take_statement(uow: UnitOfWork, content: bytes) -> TakenStatement:
    """Takes a statement in; again it changes nothing. Raises ValidationFailed for what is none."""
    found, not_read = lines_in(content)
    payments.lock_cash(uow)
    known = queries.prints(uow, {line.print for line in found})
    fresh = list({line.print: line for line in found if line.print not in known}.values())
    counts = dict.fromkeys(("booked", "found", "returned", "ambiguous", "left"), 0)
    for line in fresh:
        counts[_take(uow, line)] += 1
    return TakenStatement(**counts, known=len(found) - len(fresh), not_read=not_read)


def _take(uow: UnitOfWork, line: BankLine) -> str:
    state, payment_id = _settle(uow, line)
    line_id = new_id("bln")
    words = {"reference": line.reference, "holder": line.holder, "purpose": line.purpose}
    uow.session.add(
        BankLineRow(
            district_id=uow.district_id,
            id=line_id,
            print=line.print,
            booked_on=line.booked_on,
            amount=line.amount,
            words=keyring().seal_bytes(orjson.dumps(words), bound_to=line_id),
            state=state,
            payment_id=payment_id,
            recorded_at=uow.now,
        )
    )
    uow.session.flush()
    return state


def _settle(uow: UnitOfWork, line: BankLine) -> tuple[str, str | None]:
    """What a line is: of something that is booked, of a payment that it ends, of one that it brings back, or of none."""
    booked = queries.booked(uow, seen=None)
    if (one := booked_by(line, booked)) is not None:
        return "found", one.id
    if (back := returned_by(line, booked)) is not None:
        row = payments.find_payment(uow, back.id, lock=True)
        services.give_back(uow, row, payments.find_attempt(uow, row.id, back.attempt))
        return "returned", back.id
    return _book(uow, line, candidates(line, queries.open_payments(uow)))


def _book(uow: UnitOfWork, line: BankLine, found: Sequence[KnownPayment]) -> tuple[str, str | None]:
    if len(found) != 1:
        return ("ambiguous" if found else "left"), None
    reference = line.reference or f"bank:{line.print.hex()[:16]}"
    try:
        services.confirm(uow, found[0].id, BankSlip(reference, line.booked_on, abs(line.amount)))
    except (
        DomainError
    ):  # its number was used, its day is no day of ours, or there is no cash for it: a person looks at it
        return "left", None
    return "booked", found[0].id
