"""Verbs of merchants' accounts and deposits. Hold the account's row, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.ledger import services as ledger
from app.ledger.rules import Journal, Transfer, account_id
from app.settlement.accounts import bank_details, credit, queries
from app.settlement.accounts.errors import DepositTooSmall
from app.settlement.accounts.events import DepositMoved
from app.settlement.accounts.models import DepositMovement, SettlementAccount
from app.settlement.accounts.rules import deposit_after
from app.settlement.closing import ASSET

_OPEN = """
    INSERT INTO settlement_accounts (district_id, merchant_id) VALUES (%(district)s, %(merchant)s::uuid)
    ON CONFLICT DO NOTHING
"""


def held_account(uow: UnitOfWork, merchant_id: str) -> SettlementAccount:
    """A merchant's account, held, and opened where there was none. Raises NotFound for another's merchant."""
    districts.find_merchant(uow, merchant_id)
    uow.write(_OPEN, {"merchant": hex_of(merchant_id)})
    row = queries.account(uow, merchant_id, lock=True)
    assert row is not None, "it has just been opened"
    return row


def change_account(uow: UnitOfWork, merchant_id: str, changes: Mapping[str, Any]) -> SettlementAccount:
    """Changes how a merchant is billed. Raises NotFound."""
    row = held_account(uow, merchant_id)
    for name in ("provider", "credit_limit", "beyond_limit"):
        if name in changes:
            setattr(row, name, changes[name])
    if "bank_details" in changes:
        bank_details.change(uow, row, changes["bank_details"])
    if "credit_limit" in changes or "beyond_limit" in changes:
        credit.look_at(uow, row, credit.standings(uow))
    uow.session.flush()
    return row


def move_deposit(
    uow: UnitOfWork, merchant_id: str, *, kind: str, amount: int, reference: str | None
) -> DepositMovement:
    """Books what was received of a merchant's deposit, or given back. Raises NotFound, DepositTooSmall."""
    row = held_account(uow, merchant_id)
    cash, own = (ASSET, "clearing:manual", uow.district_id), (ASSET, "deposit", merchant_id)
    payer, payee = (cash, own) if kind == "received" else (own, cash)
    left = deposit_after(row.deposit, kind, amount)
    if left < 0:
        raise DepositTooSmall
    row.deposit = left
    moved = DepositMovement(
        district_id=uow.district_id,
        id=new_id("dep"),
        merchant_id=merchant_id,
        kind=kind,
        amount=amount,
        deposit=left,
        reference=reference,
        principal_id=uow.principal.id,
        recorded_at=uow.now,
    )
    uow.session.add(moved)
    uow.session.flush()
    ledger.open_accounts(uow, [payer, payee])
    sides = account_id(*payer), account_id(*payee)
    journal = Journal(moved.id, "deposit", uow.principal.id, uow.now)
    ledger.post(uow, [journal], [Transfer(moved.id, 0, ASSET, *sides, amount, "deposit", moved.id)])
    uow.emit(DepositMoved(moved.id, merchant_id, kind, amount, left))
    return moved
