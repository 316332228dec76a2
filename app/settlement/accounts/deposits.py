"""Deposits, as books: received, given back, or set off against what a merchant owes. Hold the account."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import new_id
from app.ledger import services as ledger
from app.ledger.rules import Journal, Transfer, account_id
from app.settlement.accounts.errors import DepositTooSmall
from app.settlement.accounts.events import DepositMoved
from app.settlement.accounts.models import DepositMovement, SettlementAccount
from app.settlement.accounts.rules import deposit_after
from app.settlement.accounts.services import held_account
from app.settlement.closing import ASSET, account_of
from app.settlement.rules import Party


def move(uow: UnitOfWork, merchant_id: str, *, kind: str, amount: int, reference: str | None) -> DepositMovement:
    """Books what was received of a merchant's deposit, or given back. Raises NotFound, DepositTooSmall."""
    return _post(
        uow, held_account(uow, merchant_id), kind, amount, reference, (ASSET, "clearing:manual", uow.district_id)
    )


def set_off(uow: UnitOfWork, account: SettlementAccount, amount: int) -> DepositMovement:
    """Pays of a deposit what its merchant owes. Raises DepositTooSmall."""
    owed = account_of(Party("merchant", account.merchant_id), uow.district_id)
    return _post(uow, account, "set_off", amount, None, owed)


def _post(
    uow: UnitOfWork,
    account: SettlementAccount,
    kind: str,
    amount: int,
    reference: str | None,
    other: tuple[str, str, str],
) -> DepositMovement:
    own = (ASSET, "deposit", account.merchant_id)
    payer, payee = (other, own) if kind == "received" else (own, other)
    left = deposit_after(account.deposit, kind, amount)
    if left < 0:
        raise DepositTooSmall
    account.deposit = left
    moved = DepositMovement(
        district_id=uow.district_id,
        id=new_id("dep"),
        merchant_id=account.merchant_id,
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
    uow.emit(DepositMoved(moved.id, account.merchant_id, kind, amount, left))
    return moved
