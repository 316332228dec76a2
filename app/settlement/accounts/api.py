"""`/v1/merchants/{id}/settlement-account`, `…/deposits`, `…/exit`."""

from __future__ import annotations

from typing import Any

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.answers import Answer
from app.foundation.http.routing import Call, Routes
from app.settlement.accounts import answers, bank_details, deposits, exits, queries, schemas, services
from app.settlement.accounts.errors import DepositTooSmall, ExitNotSettled, MerchantHasLeft
from app.settlement.accounts.models import SettlementAccount
from app.settlement.accounts.present import page_of_deposits, show_account, show_deposit, show_exit
from app.settlement.errors import SecondPersonNeeded

accounts = Routes("settlement_accounts", __name__, url_prefix="/v1/merchants")
ROOMS = (accounts,)


def _account_again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_account(uow, queries.account_or_usual(uow, stored["id"]))


def _shown(uow: UnitOfWork, row: SettlementAccount) -> Answer:
    return Answer(show_account(uow, row), stored={"id": row.merchant_id})


@accounts.serve(
    "GET",
    "/<mer:merchant_id>/settlement-account",
    scope="settlement:read",
    alliance_only=True,
    answers={200: answers.SETTLEMENT_ACCOUNT},
)
def get_settlement_account(uow: UnitOfWork, call: Call, merchant_id: str) -> Answer:
    """Read how a merchant is billed, and its deposit. Of its bank account the end only is told."""
    return Answer(show_account(uow, queries.account_or_usual(uow, merchant_id)))


@accounts.serve(
    "PATCH",
    "/<mer:merchant_id>/settlement-account",
    scope="settlement:write",
    alliance_only=True,
    body=schemas.SettlementAccountChange(),
    answers={200: answers.SETTLEMENT_ACCOUNT},
    replay=_account_again,
    audit="settlement_account.changed",
)
def change_settlement_account(uow: UnitOfWork, call: Call, merchant_id: str) -> Answer:
    """Change how a merchant is billed. Payouts wait 48 hours after its bank details changed, and for a second person."""
    return _shown(uow, services.change_account(uow, merchant_id, call.body))


@accounts.serve(
    "POST",
    "/<mer:merchant_id>/settlement-account/approve",
    scope="settlement:write",
    alliance_only=True,
    answers={200: answers.SETTLEMENT_ACCOUNT},
    problems=(SecondPersonNeeded,),
    replay=_account_again,
    audit="settlement_account.approved",
)
def approve_settlement_account(uow: UnitOfWork, call: Call, merchant_id: str) -> Answer:
    """Approve bank details that somebody else has changed; again changes nothing."""
    return _shown(uow, bank_details.approve(uow, merchant_id))


@accounts.serve(
    "GET",
    "/<mer:merchant_id>/deposits",
    scope="settlement:read",
    alliance_only=True,
    query=schemas.DEPOSITS,
    answers={200: answers.DEPOSITS_LIST},
)
def list_deposits(uow: UnitOfWork, call: Call, merchant_id: str) -> Answer:
    """List what a merchant's deposit was moved by, newest first."""
    districts.find_merchant(uow, merchant_id)
    return Answer(page_of_deposits(uow, merchant_id, call.query))


@accounts.serve(
    "POST",
    "/<mer:merchant_id>/deposits",
    scope="settlement:write",
    alliance_only=True,
    body=schemas.DepositBody(),
    answers={201: answers.DEPOSIT},
    problems=(DepositTooSmall,),
    audit="deposit.moved",
)
def move_deposit(uow: UnitOfWork, call: Call, merchant_id: str) -> Answer:
    """Book what was received of a merchant's deposit, or given back; it never falls below 0."""
    return Answer(show_deposit(deposits.move(uow, merchant_id, **call.body)), 201)


def _exit_again(uow: UnitOfWork, stored: dict[str, Any]) -> dict[str, Any]:
    return show_exit(uow, queries.known_exit(uow, stored["id"]))


@accounts.serve(
    "GET",
    "/<mer:merchant_id>/exit",
    scope="settlement:read",
    alliance_only=True,
    answers={200: answers.EXIT},
)
def get_exit(uow: UnitOfWork, call: Call, merchant_id: str) -> Answer:
    """Read how far a merchant that leaves has come."""
    return Answer(show_exit(uow, queries.known_exit(uow, merchant_id)))


@accounts.serve(
    "POST",
    "/<mer:merchant_id>/exit",
    scope="settlement:write",
    alliance_only=True,
    body=schemas.ExitBody(),
    answers={201: answers.EXIT},
    problems=(MerchantHasLeft,),
    replay=_exit_again,
    audit="merchant.exit_announced",
)
def announce_exit(uow: UnitOfWork, call: Call, merchant_id: str) -> Answer:
    """Say until when a merchant that leaves gives points and takes any. Again, with other days, until its final statement."""
    row = exits.announce(uow, merchant_id, **call.body)
    return Answer(show_exit(uow, row), 201, stored={"id": merchant_id})


@accounts.serve(
    "POST",
    "/<mer:merchant_id>/exit/write-off",
    scope="settlement:write",
    alliance_only=True,
    answers={200: answers.EXIT},
    problems=(ExitNotSettled,),
    replay=_exit_again,
    audit="merchant.written_off",
)
def write_off(uow: UnitOfWork, call: Call, merchant_id: str) -> Answer:
    """Let the district bear what a merchant that has left still owes beyond its deposit; again changes nothing."""
    return Answer(show_exit(uow, exits.write_off(uow, merchant_id)), stored={"id": merchant_id})
