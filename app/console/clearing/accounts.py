"""`/console/settlement/accounts/…`: how a merchant is billed and paid, and its deposit."""

from __future__ import annotations

from typing import Any

from app.console.clearing.names import DEPOSITS, PROVIDERS, choices, surroundings
from app.console.clearing.periods import HERE, READ, WRITE, may_write
from app.console.door import console, must
from app.console.lists import listing
from app.console.seen import check_seen, print_of
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.pages import forms
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.pages.readers import fen
from app.settlement.accounts import bank_details, deposits, queries, schemas, services
from app.settlement.accounts.present import page_of_deposits, show_account

_CHANGE, _DEPOSIT = schemas.SettlementAccountChange(), schemas.DepositBody()


def _at(merchant_id: str) -> str:
    return f"{HERE}/accounts/{merchant_id}"


@console.page("/settlement/accounts/<mer:merchant_id>")
def settlement_account(uow: UnitOfWork, visit: Visit, merchant_id: str) -> Handed:
    """How a merchant is billed, its bank details (of the number the end alone), and what moved its deposit."""
    must(visit, READ, alliance_only=True)
    shown = show_account(uow, queries.account_or_usual(uow, merchant_id))
    asked = listing(_at(merchant_id), schemas.DEPOSITS)
    page = page_of_deposits(uow, merchant_id, asked.query)
    values = {
        "account": shown,
        "seen": print_of(shown),
        "providers": PROVIDERS,
        "provider_choices": choices(PROVIDERS),
        "deposit_words": DEPOSITS,
        "deposits": page["data"],
        "listing": asked.showing([one["id"] for one in page["data"]], has_more=page["has_more"]),
        "may_write": may_write(visit),
    }
    return WebPage("console/settlement_account.html", {**values, **surroundings(uow)})


@console.act("/settlement/accounts/<mer:merchant_id>/terms", again=settlement_account)
def change_account(uow: UnitOfWork, visit: Visit, merchant_id: str) -> Handed:
    """Another provider, or another limit."""
    return _changed(uow, visit, merchant_id, ("provider", "credit_limit", "beyond_limit"))


@console.act("/settlement/accounts/<mer:merchant_id>/bank-details", again=settlement_account)
def change_bank_details(uow: UnitOfWork, visit: Visit, merchant_id: str) -> Handed:
    """Other bank details: payouts wait for 48 hours, and for a second person."""
    return _changed(uow, visit, merchant_id, ("bank_details",))


def _changed(uow: UnitOfWork, visit: Visit, merchant_id: str, names: tuple[str, ...]) -> Go:
    must(visit, WRITE, alliance_only=True, step_up=True)
    sent: dict[str, Any] = forms.read(_CHANGE, visit.form.texts, {"credit_limit": fen})
    changes = {name: sent[name] for name in names if name in sent}
    check_seen(visit, show_account(uow, queries.account_or_usual(uow, merchant_id)))
    services.change_account(uow, merchant_id, changes)
    audit.record(uow, "settlement_account.changed", merchant_id, {"fields": sorted(changes)})
    return Go(f"{_at(merchant_id)}?told=changed")


@console.act(
    "/settlement/accounts/<mer:merchant_id>/approve", again=settlement_account, audit="settlement_account.approved"
)
def approve_bank_details(uow: UnitOfWork, visit: Visit, merchant_id: str) -> Handed:
    """Approves bank details that somebody else has changed."""
    must(visit, WRITE, alliance_only=True, step_up=True)
    bank_details.approve(uow, merchant_id)
    return Go(f"{_at(merchant_id)}?told=approved")


@console.act("/settlement/accounts/<mer:merchant_id>/deposits", again=settlement_account)
def move_deposit(uow: UnitOfWork, visit: Visit, merchant_id: str) -> Handed:
    """Books what was received of a deposit, or given back."""
    must(visit, WRITE, alliance_only=True, step_up=True)
    body = forms.read(_DEPOSIT, visit.form.texts, {"amount": fen})
    row = deposits.move(uow, merchant_id, **body)
    audit.record(uow, "deposit.moved", row.id, {"kind": body["kind"], "amount": body["amount"]})
    return Go(f"{_at(merchant_id)}?told=moved")
