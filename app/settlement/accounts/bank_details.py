"""Where merchants are paid: sealed at rest under the id of the merchant, changed by one person and approved by another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import orjson

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.keyring import SealBroken
from app.foundation.problems import NotFound
from app.foundation.runtime import keyring
from app.settlement.accounts import queries
from app.settlement.accounts.events import BankDetailsApproved, BankDetailsChanged
from app.settlement.accounts.models import SettlementAccount
from app.settlement.accounts.rules import pays_out_from
from app.settlement.errors import SecondPersonNeeded


class BankDetails(NamedTuple):
    """A bank account, in clear."""

    holder: str
    account_number: str
    bank: str | None
    bank_code: str | None


def _bound_to(row: SettlementAccount) -> str:
    return f"{row.merchant_id}/bank"


def details_of(row: SettlementAccount) -> BankDetails | None:
    """The details of an account."""
    if row.bank_details is None:
        return None
    return BankDetails(**orjson.loads(keyring().open(row.bank_details, bound_to=_bound_to(row))))


def may_be_paid(uow: UnitOfWork, row: SettlementAccount) -> bool:
    """Whether payouts go to an account's bank details now."""
    begins = pays_out_from(row.bank_changed_at, row.bank_approved_at)
    return begins is not None and begins <= uow.now


def change(uow: UnitOfWork, row: SettlementAccount, details: Mapping[str, str | None] | None) -> None:
    """Takes other details, or none; the same ones change nothing. Hold the account."""
    new = None if details is None else BankDetails(**details)  # type: ignore[arg-type]
    if new == details_of(row):
        return
    row.bank_details = None
    row.bank_changed_by = row.bank_changed_at = row.bank_approved_by = row.bank_approved_at = None
    if new is not None:
        row.bank_details = keyring().seal(orjson.dumps(new._asdict()).decode(), bound_to=_bound_to(row))
        row.bank_changed_by, row.bank_changed_at = uow.principal.id, uow.now
    uow.emit(BankDetailsChanged(row.merchant_id))


def approve(uow: UnitOfWork, merchant_id: str) -> SettlementAccount:
    """Approves what somebody else has changed; again it stays as it is. Raises NotFound, SecondPersonNeeded."""
    row = queries.account(uow, merchant_id, lock=True)
    if row is None or row.bank_changed_by is None:
        raise NotFound
    if row.bank_approved_at is not None:
        return row
    if row.bank_changed_by[-32:] == uow.principal.id[-32:]:
        raise SecondPersonNeeded
    row.bank_approved_by, row.bank_approved_at = uow.principal.id, uow.now
    uow.emit(BankDetailsApproved(merchant_id))
    return row


def refresh_keys(uow: UnitOfWork) -> tuple[int, list[str]]:
    """Seals the district's bank details under the newest key: how many had to be, and ids of what no key at hand opens."""
    changed, broken = 0, []
    for row in queries.accounts_to_reseal(uow):
        try:
            changed += _reseal(row)
        except SealBroken:
            broken.append(row.merchant_id)
    return changed, broken


def _reseal(row: SettlementAccount) -> bool:
    if row.bank_details is None or keyring().seal_is_current(row.bank_details):
        return False
    bound = _bound_to(row)
    row.bank_details = keyring().seal(keyring().open(row.bank_details, bound_to=bound), bound_to=bound)
    return True
