"""The money of coupons in the ledger: whoever funds a discount owes it to the merchant that gave it.

Amounts in minor units. A merchant owes itself nothing: its own part at its own till is posted nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from app.coupons.bill.terms import Funder
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import new_id
from app.ledger import services as ledger
from app.ledger.rules import Journal, Transfer, account_id

ASSET = "money"
NOTHING: Mapping[Funder, int] = {}


class FundingChange(NamedTuple):
    """By how much what funders pay of a redemption changes, from one share of each to another, in which journal.

    `merchant_id` redeemed the coupon; `sponsor_id` pays the merchant's part in its place.
    """

    journal: Journal
    redemption_id: str
    merchant_id: str
    sponsor_id: str | None
    before: Mapping[Funder, int]
    after: Mapping[Funder, int]


def open_merchant_accounts(uow: UnitOfWork, merchant_ids: Iterable[str]) -> None:
    """Gives new merchants the accounts of what coupons take off at their tills, and of what they pay of that."""
    kinds = ("coupon_funding", "coupon_redeemed")
    ledger.open_accounts(uow, [(ASSET, kind, merchant) for merchant in merchant_ids for kind in kinds])


def open_district_accounts(uow: UnitOfWork, district_id: str) -> None:
    """Gives a new district the accounts of what it pays of coupons, and of what the government does."""
    ledger.open_accounts(uow, [(ASSET, kind, district_id) for kind in ("coupon_funding", "public_funding")])


def journal_of_return(uow: UnitOfWork, kind: str) -> Journal:
    """A journal for what comes back of a redemption."""
    return Journal(new_id("cmb"), kind, uow.principal.id, uow.now)


def post(uow: UnitOfWork, changes: Iterable[FundingChange]) -> None:
    """Posts what funders owe merchants more, or less."""
    journals: list[Journal] = []
    transfers: list[Transfer] = []
    for change in changes:
        moved = [
            Transfer(change.journal.id, line, ASSET, *sides, amount, code, change.redemption_id)
            for line, (sides, amount, code) in enumerate(_moved(change, uow.district_id))
        ]
        transfers += moved
        journals += [change.journal] if moved else []
    ledger.post(uow, journals, transfers)


def _moved(change: FundingChange, district_id: str) -> Iterator[tuple[tuple[str, str], int, str]]:
    """Debit and credit account, amount and code of each funder's part that changes."""
    payers: dict[Funder, tuple[str, str]] = {
        "district": ("coupon_funding", district_id),
        "merchant": ("coupon_funding", change.sponsor_id or change.merchant_id),
        "government": ("public_funding", district_id),
    }
    redeemed = account_id(ASSET, "coupon_redeemed", change.merchant_id)
    for funder, (kind, owner_id) in payers.items():
        more = change.after.get(funder, 0) - change.before.get(funder, 0)
        if not more or owner_id == change.merchant_id:
            continue
        funding = account_id(ASSET, kind, owner_id)
        if more > 0:
            yield (funding, redeemed), more, "coupon"
        else:
            yield (redeemed, funding), -more, "coupon-back"
