"""How merchants' accounts and deposits are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.foundation.clock import format_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.pagination import page_of
from app.settlement.accounts import bank_details, credit, queries
from app.settlement.accounts.models import DepositMovement, MerchantExit, SettlementAccount
from app.settlement.accounts.rules import exit_stage, masked, pays_out_from


def show_account(uow: UnitOfWork, row: SettlementAccount) -> dict[str, Any]:
    """How a merchant is billed; of its bank account the end only."""
    return {
        "object": "settlement_account",
        "id": row.merchant_id,
        "merchant_id": row.merchant_id,
        "provider": row.provider,
        "credit_limit": row.credit_limit,
        "beyond_limit": row.beyond_limit,
        "deposit": row.deposit,
        "exposure": credit.exposure_of(row, credit.standings(uow)),
        "credit_state": row.credit_state,
        "awards_paused": row.paused_at is not None,
        "bank_details": _show_details(row),
        "may_be_paid": bank_details.may_be_paid(uow, row),
    }


def _show_details(row: SettlementAccount) -> dict[str, Any] | None:
    details = bank_details.details_of(row)
    if details is None or row.bank_changed_at is None:
        return None
    begins = pays_out_from(row.bank_changed_at, row.bank_approved_at)
    return {
        **details._asdict(),
        "account_number": masked(details.account_number),
        "changed_at": format_instant(row.bank_changed_at),
        "approved_at": row.bank_approved_at and format_instant(row.bank_approved_at),
        "pays_out_from": begins and format_instant(begins),
    }


def show_deposit(row: DepositMovement) -> dict[str, Any]:
    """What a deposit was moved by."""
    return {
        "object": "deposit",
        "id": row.id,
        "merchant_id": row.merchant_id,
        "kind": row.kind,
        "amount": row.amount,
        "deposit": row.deposit,
        "reference": row.reference,
        "recorded_at": format_instant(row.recorded_at),
    }


def show_exit(uow: UnitOfWork, row: MerchantExit) -> dict[str, Any]:
    """How far a merchant that leaves has come."""
    ends = (row.awards_until, row.accepts_until, row.refunds_until)
    is_final, has_ended = row.final_statement_id is not None, row.ended_at is not None
    return {
        "object": "merchant_exit",
        "id": row.merchant_id,
        "merchant_id": row.merchant_id,
        "stage": exit_stage(uow.now, ends, is_final=is_final, has_ended=has_ended),
        "announced_at": format_instant(row.announced_at),
        "last_award_on": row.last_award_on.isoformat(),
        "last_accept_on": row.last_accept_on.isoformat(),
        "refunds_until": format_instant(row.refunds_until),
        "final_statement_id": row.final_statement_id,
        "written_off": row.written_off,
        "ended_at": row.ended_at and format_instant(row.ended_at),
    }


def page_of_deposits(uow: UnitOfWork, merchant_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """A page of what a deposit was moved by, newest first."""
    return page_of(uow, queries.deposits(uow, merchant_id), DepositMovement.id, query, show_deposit)
