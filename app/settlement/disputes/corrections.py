"""Verbs of corrections, each of which takes two people. Posted as journals, they fall into the period that is open."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import new_id
from app.foundation.problems import NotFound, ValidationFailed
from app.ledger import services as ledger
from app.ledger.rules import Journal, Transfer, account_id
from app.settlement.disputes import queries
from app.settlement.disputes.errors import CorrectionOver
from app.settlement.disputes.events import CorrectionApproved
from app.settlement.disputes.models import Correction
from app.settlement.errors import SecondPersonNeeded
from app.settlement.queries import party_named

ASSET = "money"


class Asked(NamedTuple):
    """What a party is to get more from the district (below 0: it pays), and why."""

    party_kind: str
    party_id: str
    amount: int
    reason: str


def propose(uow: UnitOfWork, *, merchant_id: str, amount: int, reason: str) -> Correction:
    """Proposes that a merchant gets more from the district, or pays. Raises NotFound, ValidationFailed."""
    if not amount:
        raise ValidationFailed.at("/amount", "out-of-range", _l("An amount other than 0 is needed."))
    if merchant_id not in districts.merchant_names(uow):
        raise NotFound.at("/merchant_id", _l("merchant"))
    asked = Asked("merchant", f"pty_{merchant_id[-32:]}", amount, reason)
    return add(uow, asked, uow.principal.id, uow.now)


def add(uow: UnitOfWork, asked: Asked, by: str, at: datetime) -> Correction:
    """A correction that somebody has asked for; nothing is posted."""
    row = Correction(
        district_id=uow.district_id,
        id=new_id("cor"),
        **asked._asdict(),
        status="proposed",
        proposed_by=by,
        proposed_at=at,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def approve(uow: UnitOfWork, correction_id: str) -> Correction:
    """Posts a correction that somebody else has proposed. Again it stays as it is.

    Raises NotFound, SecondPersonNeeded, CorrectionOver where it was rejected.
    """
    row = queries.find_correction(uow, correction_id, lock=True)
    if row.status == "approved":
        return row
    if row.status == "rejected":
        raise CorrectionOver
    if row.proposed_by[-32:] == uow.principal.id[-32:]:
        raise SecondPersonNeeded
    return approve_row(uow, row)


def reject(uow: UnitOfWork, correction_id: str) -> Correction:
    """Lets a correction go that isn't posted; also who proposed it may. Raises NotFound, CorrectionOver."""
    row = queries.find_correction(uow, correction_id, lock=True)
    if row.status != "proposed":
        raise CorrectionOver
    return _decide(uow, row, "rejected")


def approve_row(uow: UnitOfWork, row: Correction) -> Correction:
    """Posts a correction that is proposed. The caller has seen that this is a second person, and holds it."""
    _decide(uow, row, "approved")
    _post(uow, row)
    if row.party_kind == "merchant":
        uow.emit(CorrectionApproved(row.id, party_named(row.party_kind, row.party_id).id, row.amount))
    return row


def _decide(uow: UnitOfWork, row: Correction, status: str) -> Correction:
    row.status, row.decided_by, row.decided_at = status, uow.principal.id, uow.now
    uow.session.flush()
    return row


def _post(uow: UnitOfWork, row: Correction) -> None:
    own, theirs = (ASSET, "correction", uow.district_id), (ASSET, "correction", row.party_id)
    if row.party_kind == "public":
        theirs = ASSET, "public_correction", uow.district_id
    ledger.open_accounts(uow, [own, theirs])
    payer, payee = (own, theirs) if row.amount > 0 else (theirs, own)
    sides = account_id(*payer), account_id(*payee)
    journal = Journal(row.id, "correction", uow.principal.id, uow.now)
    ledger.post(uow, [journal], [Transfer(row.id, 0, ASSET, *sides, abs(row.amount), "correction", row.id)])
