"""`/console/settlement/disputes`: what merchants say is wrong with a statement, as a conversation, and how it ended."""

from __future__ import annotations

from typing import Any

from app.console.clearing.names import DISPUTES, REASONS, choices, surroundings
from app.console.clearing.periods import HERE, READ, WRITE, may_write
from app.console.clearing.statements import APPROVE, statement
from app.console.door import console, must
from app.console.lists import listing
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.pages import forms
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.pages.readers import fen
from app.settlement.disputes import queries, schemas, services
from app.settlement.disputes.present import page_of_disputes, show_dispute

AT = f"{HERE}/disputes"


def _around(uow: UnitOfWork) -> dict[str, Any]:
    return {"reasons": REASONS, "dispute_words": DISPUTES, **surroundings(uow)}


@console.page("/settlement/disputes")
def disputes(uow: UnitOfWork, visit: Visit) -> Handed:
    """Disputes, newest first."""
    must(visit, READ)
    asked = listing(AT, schemas.DISPUTES)
    page = page_of_disputes(uow, asked.query)
    shown = asked.showing([one["id"] for one in page["data"]], has_more=page["has_more"])
    values = {"listing": shown, "disputes": page["data"], "state_choices": choices(DISPUTES)}
    return WebPage("console/disputes.html", {**values, **_around(uow)})


@console.act("/settlement/statements/<stm:statement_id>/dispute", again=statement)
def dispute_statement(uow: UnitOfWork, visit: Visit, statement_id: str) -> Handed:
    """Says what is wrong with a line; the statement stays as it is, and the amount is held."""
    must(visit, APPROVE)
    body = forms.read(schemas.DisputeBody(), visit.form.texts, {"lines.0.amount": fen})
    row = services.open_dispute(uow, statement_id, **body)
    audit.record(uow, "statement.disputed", statement_id, {"reason": body["reason"]})
    return Go(f"{AT}/{row.id}")


@console.page("/settlement/disputes/<dsp:dispute_id>")
def dispute(uow: UnitOfWork, visit: Visit, dispute_id: str) -> Handed:
    """What each side has said, and what may be answered."""
    must(visit, READ)
    shown = show_dispute(uow, queries.find_dispute(uow, dispute_id))
    is_open = shown["status"] == "open"
    values = {
        "dispute": shown,
        "own_side": "alliance" if visit.principal.is_alliance else "merchant",
        "may_say": is_open and visit.principal.may(APPROVE),
        "may_end": is_open and may_write(visit),
    }
    return WebPage("console/dispute.html", {**values, **_around(uow)})


@console.act(
    "/settlement/disputes/<dsp:dispute_id>/say",
    form=schemas.DisputeMessageBody(),
    again=dispute,
    audit="dispute.message_sent",
)
def say_on_dispute(uow: UnitOfWork, visit: Visit, dispute_id: str) -> Handed:
    """Says something more."""
    must(visit, APPROVE)
    services.say(uow, dispute_id, **visit.body)
    return Go(f"{AT}/{dispute_id}")


@console.act("/settlement/disputes/<dsp:dispute_id>/accept", again=dispute, audit="dispute.accepted")
def accept_dispute(uow: UnitOfWork, visit: Visit, dispute_id: str) -> Handed:
    """Grants it, or less."""
    must(visit, WRITE, alliance_only=True, step_up=True)
    body = forms.read(schemas.AcceptDisputeBody(), visit.form.texts, {"amount": fen})
    services.accept(uow, dispute_id, **body)
    return Go(f"{AT}/{dispute_id}", audited={"amount": body["amount"]})


@console.act("/settlement/disputes/<dsp:dispute_id>/reject", again=dispute, audit="dispute.rejected")
def reject_dispute(uow: UnitOfWork, visit: Visit, dispute_id: str) -> Handed:
    """Lets the statement stand."""
    must(visit, WRITE, alliance_only=True, step_up=True)
    services.reject(uow, dispute_id, **forms.read(schemas.RejectDisputeBody(), visit.form.texts))
    return Go(f"{AT}/{dispute_id}")


@console.act("/settlement/disputes/<dsp:dispute_id>/withdraw", again=dispute, audit="dispute.withdrawn")
def withdraw_dispute(uow: UnitOfWork, visit: Visit, dispute_id: str) -> Handed:
    """Disputes nothing any more."""
    must(visit, APPROVE)
    services.withdraw(uow, dispute_id)
    return Go(f"{AT}/{dispute_id}")
