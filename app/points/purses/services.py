"""Verbs that open purses of members and accounts of merchants."""

from __future__ import annotations

from collections.abc import Sequence

from app.foundation.sql_arrays import id_array
from app.foundation.unit_of_work import UnitOfWork
from app.ledger import services as ledger
from app.points.purses.posting import ASSET

_PURSES = """
    INSERT INTO point_balances (district_id, member_id)
    SELECT %(district)s::uuid, p.member FROM unnest(%(members)s::uuid[]) AS p (member)
"""


def open_purses(uow: UnitOfWork, member_ids: Sequence[str]) -> None:
    """Gives new members their accounts and empty balances."""
    ledger.open_accounts(uow, [(ASSET, kind, member) for member in member_ids for kind in ("member", "owed")])
    uow.write(_PURSES, {"members": id_array(member_ids)})


def open_merchant_accounts(uow: UnitOfWork, merchant_ids: Sequence[str]) -> None:
    """Gives new merchants the accounts of what they issue and what is redeemed with them."""
    ledger.open_accounts(uow, [(ASSET, kind, merchant) for merchant in merchant_ids for kind in ("issued", "redeemed")])
