"""`/v1/statements/{id}/dispute`, `/v1/disputes`, `/v1/corrections`."""

from __future__ import annotations

from typing import Any

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.settlement.disputes import answers, corrections, queries, schemas, services
from app.settlement.disputes.errors import (
    CorrectionOver,
    DisputeOver,
    DisputeWindowOver,
    NobodyToDisputeWith,
)
from app.settlement.disputes.models import Correction, Dispute
from app.settlement.disputes.present import page_of_corrections, page_of_disputes, show_correction, show_dispute
from app.settlement.errors import SecondPersonNeeded

objections = Routes("objections", __name__, url_prefix="/v1/statements")
disputes = Routes("disputes", __name__, url_prefix="/v1/disputes")
correcting = Routes("corrections", __name__, url_prefix="/v1/corrections")
ROOMS = (objections, disputes, correcting)


def _dispute_again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_dispute(uow, queries.find_dispute(uow, stored["id"]))


def _shown(uow: UnitOfWork, row: Dispute, status: int = 200) -> Answer:
    return Answer(show_dispute(uow, row), status, stored={"id": row.id})


@objections.serve(
    "POST",
    "/<stm:statement_id>/dispute",
    scope="disputes:write",
    body=schemas.DisputeBody(),
    answers={201: answers.DISPUTE},
    problems=(DisputeWindowOver, NobodyToDisputeWith),
    replay=_dispute_again,
    audit="statement.disputed",
)
def dispute_statement(uow: UnitOfWork, call: Call, statement_id: str) -> Answer:
    """Say what is wrong with a statement. It stays as it is; the amount is held until the alliance answers."""
    return _shown(uow, services.open_dispute(uow, statement_id, **call.body), 201)


@disputes.serve("GET", "", scope="settlement:read", query=schemas.DISPUTES, answers={200: answers.DISPUTES_LIST})
def list_disputes(uow: UnitOfWork, call: Call) -> Answer:
    """List disputes, newest first: all for the alliance, a merchant's own for it."""
    return Answer(page_of_disputes(uow, call.query))


@disputes.serve("GET", "/<dsp:dispute_id>", scope="settlement:read", answers={200: answers.DISPUTE})
def get_dispute(uow: UnitOfWork, call: Call, dispute_id: str) -> Answer:
    """Read a dispute."""
    return Answer(show_dispute(uow, queries.find_dispute(uow, dispute_id)))


@disputes.serve(
    "POST",
    "/<dsp:dispute_id>/messages",
    scope="disputes:write",
    body=schemas.DisputeMessageBody(),
    answers={201: answers.DISPUTE},
    problems=(DisputeOver,),
    replay=_dispute_again,
    audit="dispute.message_sent",
)
def send_message(uow: UnitOfWork, call: Call, dispute_id: str) -> Answer:
    """Say something more on a dispute that is open; the other side is told."""
    return _shown(uow, services.say(uow, dispute_id, **call.body), 201)


@disputes.serve(
    "POST",
    "/<dsp:dispute_id>/accept",
    scope="settlement:write",
    alliance_only=True,
    body=schemas.AcceptDisputeBody(),
    answers={200: answers.DISPUTE},
    problems=(DisputeOver, SecondPersonNeeded),
    replay=_dispute_again,
    audit="dispute.accepted",
)
def accept_dispute(uow: UnitOfWork, call: Call, dispute_id: str) -> Answer:
    """Grant what is disputed, or less: a correction in the open period. Who has opened the dispute can't accept it."""
    return _shown(uow, services.accept(uow, dispute_id, **call.body))


@disputes.serve(
    "POST",
    "/<dsp:dispute_id>/reject",
    scope="settlement:write",
    alliance_only=True,
    body=schemas.RejectDisputeBody(),
    answers={200: answers.DISPUTE},
    problems=(DisputeOver,),
    replay=_dispute_again,
    audit="dispute.rejected",
)
def reject_dispute(uow: UnitOfWork, call: Call, dispute_id: str) -> Answer:
    """Let the statement stand, with a reason; nothing is held for it any more."""
    return _shown(uow, services.reject(uow, dispute_id, **call.body))


@disputes.serve(
    "POST",
    "/<dsp:dispute_id>/withdraw",
    scope="disputes:write",
    answers={200: answers.DISPUTE},
    problems=(DisputeOver,),
    replay=_dispute_again,
    audit="dispute.withdrawn",
)
def withdraw_dispute(uow: UnitOfWork, call: Call, dispute_id: str) -> Answer:
    """Withdraw a dispute while it is open."""
    return _shown(uow, services.withdraw(uow, dispute_id))


def _correction_again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_correction(queries.find_correction(uow, stored["id"]))


def _correction_shown(row: Correction, status: int = 200) -> Answer:
    return Answer(show_correction(row), status, stored={"id": row.id})


@correcting.serve(
    "GET", "", scope="settlement:read", query=schemas.CORRECTIONS, answers={200: answers.CORRECTIONS_LIST}
)
def list_corrections(uow: UnitOfWork, call: Call) -> Answer:
    """List corrections, newest first: all for the alliance, those of a merchant that are approved for it."""
    return Answer(page_of_corrections(uow, call.query))


@correcting.serve("GET", "/<cor:correction_id>", scope="settlement:read", answers={200: answers.CORRECTION})
def get_correction(uow: UnitOfWork, call: Call, correction_id: str) -> Answer:
    """Read a correction."""
    return Answer(show_correction(queries.find_correction(uow, correction_id)))


@correcting.serve(
    "POST",
    "",
    scope="settlement:write",
    alliance_only=True,
    body=schemas.CorrectionBody(),
    answers={201: answers.CORRECTION},
    replay=_correction_again,
    audit="correction.proposed",
)
def propose_correction(uow: UnitOfWork, call: Call) -> Answer:
    """Propose that a merchant gets more from the district, or pays; somebody else has to approve it."""
    return _correction_shown(corrections.propose(uow, **call.body), 201)


@correcting.serve(
    "POST",
    "/<cor:correction_id>/approve",
    scope="settlement:write",
    alliance_only=True,
    answers={200: answers.CORRECTION},
    problems=(SecondPersonNeeded, CorrectionOver),
    replay=_correction_again,
    audit="correction.approved",
)
def approve_correction(uow: UnitOfWork, call: Call, correction_id: str) -> Answer:
    """Approve a correction that somebody else has proposed; it falls into the period that is open then."""
    return _correction_shown(corrections.approve(uow, correction_id))


@correcting.serve(
    "POST",
    "/<cor:correction_id>/reject",
    scope="settlement:write",
    alliance_only=True,
    answers={200: answers.CORRECTION},
    problems=(CorrectionOver,),
    replay=_correction_again,
    audit="correction.rejected",
)
def reject_correction(uow: UnitOfWork, call: Call, correction_id: str) -> Answer:
    """Let a correction go that nobody has approved; who proposed it may, too."""
    return _correction_shown(corrections.reject(uow, correction_id))
