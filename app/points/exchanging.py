"""Points exchanged for coupons, and given back where these are taken back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from app.districts.queries import directory
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.ids import hex_of
from app.ledger import services as ledger
from app.ledger.rules import Journal
from app.points.errors import NotEnoughPoints
from app.points.purses import lifetimes, queries, spending
from app.points.purses.posting import ASSET, Posting


def hold(uow: UnitOfWork, member_id: str, parts: Mapping[str, int]) -> Callable[[str], None]:
    """Holds a member's points, of which a coupon costs some; call the result with the coupon's id to spend them.

    `parts`: points by who accepts them, a merchant's id or the district's.
    Raises MemberIsFrozen, SpendLocked, SpendingRests, NotEnoughPoints.
    """
    balances, points = queries.ask_balances(uow, [member_id])(), sum(parts.values())
    balance = balances[member_id]
    spending.check_may_spend(balance, uow.now)
    if points > balance.spendable:
        raise NotEnoughPoints(
            _l("It costs %(points)s points; %(spendable)s can be spent.", points=points, spendable=balance.spendable)
        )

    def spend(coupon_id: str) -> None:
        if uow.district_id in parts:
            ledger.open_accounts(uow, [(ASSET, "redeemed", uow.district_id)])
        posting = Posting(uow, balances, queries.ask_spendable_lots(uow, balances)())
        posting.open_journal(Journal(coupon_id, "coupon", uow.principal.id, uow.now))
        for owner_id, part in parts.items():
            posting.spend(coupon_id, member_id, owner_id, part)
        posting.write()

    return spend


def hold_to_give_back(uow: UnitOfWork, member_ids: Collection[str]) -> Callable[[Mapping[str, str]], None]:
    """Holds members' points; call the result with coupons of theirs, each with the journal that gives back what it cost.

    They come back as those of a refund do, in the order in which they were taken, and pay what is owed first.
    """
    balances = queries.ask_balances(uow, member_ids)()

    def give_back(journals: Mapping[str, str]) -> None:
        zone = directory(uow).zone
        posting = Posting(uow, balances)
        taken = queries.ask_lots_of_sources(uow, list(journals))()
        lots, end = {lot.id: lot for lot in taken}, lifetimes.restored_until(uow.now, zone)
        spent = queries.spent_with(uow, list(journals))
        for coupon_id, journal_id in journals.items():
            posting.open_journal(Journal(journal_id, "coupon-void", uow.principal.id, uow.now))
            new = [
                posting.restore(journal_id, lots[lot_id], points, owner_id, end)
                for lot_id, points, owner_id in spent[hex_of(coupon_id)]
            ]
            posting.pay_owed(journal_id, new[0].member_id, new)
        posting.write()

    return give_back
