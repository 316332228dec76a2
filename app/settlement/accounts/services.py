"""Verbs of merchants' accounts. Hold the account's row, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.settlement.accounts import bank_details, credit, queries
from app.settlement.accounts.models import SettlementAccount

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
