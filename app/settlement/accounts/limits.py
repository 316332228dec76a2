"""Until when a merchant gives points, and takes points and coupons: as it leaves, and as its credit allows."""

from __future__ import annotations

from app.districts.services import limit_merchant
from app.foundation.database.unit_of_work import UnitOfWork
from app.settlement.accounts.models import MerchantExit, SettlementAccount


def put(uow: UnitOfWork, account: SettlementAccount, leaving: MerchantExit | None) -> None:
    """Puts both ends where sales see them. Hold the account."""
    ends = [account.paused_at, leaving.awards_until if leaving else None]
    awards_until = min((one for one in ends if one is not None), default=None)
    limit_merchant(
        uow,
        account.merchant_id,
        awards_until=awards_until,
        accepts_until=leaving.accepts_until if leaving else None,
    )
