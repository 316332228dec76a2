"""Reading merchants' accounts and deposits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.problems import NotFound
from app.settlement.accounts.models import DepositMovement, MerchantExit, SettlementAccount


def account(uow: UnitOfWork, merchant_id: str, *, lock: bool = False) -> SettlementAccount | None:
    """How a merchant is billed, where somebody has said so."""
    query = select(SettlementAccount).where(
        SettlementAccount.district_id == uow.district_id, SettlementAccount.merchant_id == merchant_id
    )
    return uow.session.scalars(query.with_for_update() if lock else query).one_or_none()


def account_or_usual(uow: UnitOfWork, merchant_id: str) -> SettlementAccount:
    """The same, or what holds where nobody has said anything. Raises NotFound for another's merchant."""
    districts.find_merchant(uow, merchant_id)
    return account(uow, merchant_id) or SettlementAccount(
        district_id=uow.district_id,
        merchant_id=merchant_id,
        provider="manual",
        beyond_limit="warn",
        credit_state="within",
        deposit=0,
    )


def watched_accounts(uow: UnitOfWork) -> Sequence[SettlementAccount]:
    """Accounts that have a credit limit, or had one and are still told to be near it, locked."""
    query = select(SettlementAccount).where(
        SettlementAccount.district_id == uow.district_id,
        or_(SettlementAccount.credit_limit.is_not(None), SettlementAccount.credit_state != "within"),
    )
    return uow.session.scalars(query.order_by(SettlementAccount.merchant_id).with_for_update()).all()


def accounts_to_reseal(uow: UnitOfWork) -> Sequence[SettlementAccount]:
    """Every account with bank details, locked."""
    query = select(SettlementAccount).where(
        SettlementAccount.district_id == uow.district_id, SettlementAccount.bank_details.is_not(None)
    )
    return uow.session.scalars(query.order_by(SettlementAccount.merchant_id).with_for_update()).all()


def exits(uow: UnitOfWork) -> Select[MerchantExit]:
    """Every merchant that leaves, or has left."""
    return select(MerchantExit).where(MerchantExit.district_id == uow.district_id)


def find_exit(uow: UnitOfWork, merchant_id: str) -> MerchantExit | None:
    """How a merchant leaves, if it does."""
    return uow.session.scalars(exits(uow).where(MerchantExit.merchant_id == merchant_id)).one_or_none()


def known_exit(uow: UnitOfWork, merchant_id: str) -> MerchantExit:
    """The same. Raises NotFound."""
    found = find_exit(uow, merchant_id)
    if found is None:
        raise NotFound
    return found


def exits_due(uow: UnitOfWork, by: datetime) -> Sequence[MerchantExit]:
    """Those whose refunds are over by an instant, and that have had no final statement."""
    query = exits(uow).where(MerchantExit.refunds_until <= by, MerchantExit.final_statement_id.is_(None))
    return uow.session.scalars(query.order_by(MerchantExit.merchant_id)).all()


def exits_to_settle(uow: UnitOfWork) -> Sequence[MerchantExit]:
    """Those that have had their final statement."""
    query = exits(uow).where(MerchantExit.final_statement_id.is_not(None))
    return uow.session.scalars(query.order_by(MerchantExit.merchant_id)).all()


def deposits(uow: UnitOfWork, merchant_id: str) -> Select[DepositMovement]:
    """What a merchant's deposit was moved by."""
    return select(DepositMovement).where(
        DepositMovement.district_id == uow.district_id, DepositMovement.merchant_id == merchant_id
    )
