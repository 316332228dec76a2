"""The payments of a period put into a bank's file: those of parties whose bank details may be used now."""

from __future__ import annotations

from functools import partial

from app.foundation.database.unit_of_work import UnitOfWork
from app.payments.bank_file import services as files
from app.payments.bank_file.services import BankAccount, BatchOrder
from app.settlement import queries
from app.settlement.accounts import bank_details
from app.settlement.accounts import queries as accounts


def order(uow: UnitOfWork, period_id: str, direction: str, profile: str) -> str:
    """Orders a file; gives the id of its batch. Raises NotFound, NothingToSend, CashShort."""
    period = queries.find_period(uow, period_id)
    statements = [row.id for row in queries.statements_of(uow, period.id).values()]
    known = partial(_account_of, uow, direction)
    return files.order(uow, BatchOrder(period.id, direction, profile, statements, known)).id


def _account_of(uow: UnitOfWork, direction: str, merchant_id: str) -> BankAccount | None:
    """Where a merchant pays from, or is paid once its details are approved and have waited."""
    account = accounts.account(uow, merchant_id)
    if account is None or (direction == "out" and not bank_details.may_be_paid(uow, account)):
        return None
    details = bank_details.details_of(account)
    if details is None:
        return None
    return BankAccount(details.holder, details.account_number, details.bank or "", details.bank_code or "")
