"""The door of purses: one verb for each movement of points. Other rooms come in here, by `queries` and by what is pure.

Whoever moves points has locked the balances (`queries.ask_balances`) and brings the lots. Who is frozen, locked or
resting is refused before (`spending.spend_value`); what comes here is posted. Merging, erasing and adjusting, which look
at tiers and the programme too, are verbs of `points/merging.py` and `points/adjusting.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from app.foundation.database.sql_arrays import id_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.ledger import services as ledger
from app.ledger.rules import Journal, account_id
from app.points.earning.rounding import FUNDERS
from app.points.events import DebtReturned
from app.points.purses import queries, reversing
from app.points.purses.balance import Balance
from app.points.purses.lots import Lot, slice_of_spent, smaller_shares
from app.points.purses.posting import ASSET, Award, Posting
from app.points.purses.reversing import Refunded, RefundPolicy, Reversal

__all__ = [
    "Award",
    "Balance",
    "Lot",
    "Purses",
    "RefundPolicy",
    "Refunded",
    "Reversal",
    "block_spending",
    "open_merchant_accounts",
    "open_purses",
    "owe_again",
    "rest_spending",
]
_PURSES = f"""
    INSERT INTO point_balances (district_id, member_id)
    VALUES (%(district)s::uuid, {unnested(members="uuid")})
"""
_BLOCK = """
    UPDATE point_balances SET is_frozen = coalesce(%(frozen)s, is_frozen),
                              is_spend_locked = coalesce(%(locked)s, is_spend_locked)
    WHERE district_id = %(district)s AND member_id = %(member)s RETURNING is_frozen, is_spend_locked
"""
RESTS = timedelta(hours=24)
"""For so long nothing is spent after a change of phone: whoever took a member over finds the purse closed."""
_REST = """
    UPDATE point_balances SET spend_rests_until = %(until)s WHERE district_id = %(district)s AND member_id = %(member)s
"""


class Purses:
    """Purses of the members of a set of sales or refunds: each movement sees what those before it left.

    Nothing is sent before `write`, which does it in a handful of statements whatever the size of the set.
    """

    def __init__(self, uow: UnitOfWork, balances: dict[str, Balance], lots: Iterable[Lot] = ()) -> None:
        self._now = uow.now
        self._balances = balances
        self._lots = {lot.id: lot for lot in reversed(list(lots))}
        self._posting = Posting(uow, balances, self._lots.values())

    def award(self, award: Award) -> None:
        """Gives what a sale earned, at its funders' cost; it pays what is owed first."""
        self._posting.award(award)

    def spend(self, journal: Journal, member_id: str, merchant_id: str, points: int) -> None:
        """Spends points at a merchant, in the order of spending.

        Raises RuntimeError where the balance shows more than its lots hold: the books are wrong.
        """
        self._posting.open_journal(journal)
        self._posting.spend(journal.id, member_id, merchant_id, points)

    def earned_in_excess(
        self, member_id: str, sale_id: str, given_back: Mapping[str, int], evaluated: Mapping[str, int]
    ) -> dict[str, int]:
        """Points to take back of a sale, by funder: what its lots were given, less `given_back` by refunds before, less what
        it still earns (`evaluated`).
        """
        own = [lot for lot in self._family(member_id, sale_id) if lot.restored_from is None]
        old = {one: sum(lot.points for lot in own if lot.funder == one) - given_back[one] for one in FUNDERS}
        new = smaller_shares(old, dict(evaluated))
        back = {funder: old[funder] - new[funder] for funder in FUNDERS}
        assert all(0 <= back[one] <= old[one] for one in FUNDERS), f"{sale_id} gives back more than it has earned"
        return back

    def reverse(self, refunded: Refunded, wanted: Mapping[str, int], policy: RefundPolicy) -> Reversal:
        """Takes points by funder back from what the sale gave, then by policy; who was erased is forgiven the rest."""
        self._posting.open_journal(refunded.journal)
        member_id = refunded.member_id
        if self._balances[member_id].is_erased:
            policy = "forgive"
        family = self._family(member_id, refunded.sale_id)
        return reversing.reverse(self._posting, refunded, wanted, family, policy, self._now)

    def restore(
        self,
        refunded: Refunded,
        spent: Sequence[tuple[str, int]],
        *,
        before: int,
        points: int,
        extended_end: datetime,
    ) -> None:
        """Gives back `points` of what was spent on a sale (lot id, points) after the first `before` of them.

        They pay what is owed first. What comes back to who was erased is lost at once.
        """
        self._posting.open_journal(refunded.journal)
        parts = [(self._lots[lot_id], part) for lot_id, part in slice_of_spent(spent, before, points)]
        reversing.give_back(self._posting, refunded, parts, refunded.merchant_id, extended_end)
        member_id = refunded.member_id
        if self._balances[member_id].is_erased:
            self._posting.erase(refunded.journal.id, member_id, self._posting.lots_of(member_id))

    def write(self) -> None:
        """Sends all movements."""
        self._posting.write()

    def _family(self, member_id: str, sale_id: str) -> list[Lot]:
        """A sale's own lots and those restored from them, also in this set."""
        return [lot for lot in self._posting.lots_of(member_id) if hex_of(lot.source_id) == hex_of(sale_id)]


def open_purses(uow: UnitOfWork, member_ids: Sequence[str]) -> None:
    """Gives new members their accounts and empty balances."""
    ledger.open_accounts(uow, [(ASSET, kind, member) for member in member_ids for kind in ("member", "owed")])
    uow.write(_PURSES, {"members": id_array(member_ids)})


def open_merchant_accounts(uow: UnitOfWork, merchant_ids: Sequence[str]) -> None:
    """Gives new merchants the accounts of what they issue and what is redeemed with them."""
    ledger.open_accounts(uow, [(ASSET, kind, merchant) for merchant in merchant_ids for kind in ("issued", "redeemed")])


def owe_again(uow: UnitOfWork, owed: Mapping[str, int]) -> None:
    """Lets members who are back owe what they owed when they left: what erasure wrote off as an adjustment is posted back.

    Whoever leaves owing and comes back by that phone within a year does.
    """
    if not owed:
        return
    posting = Posting(uow, queries.ask_balances(uow, owed)())
    adjustment = account_id(ASSET, "adjustment", uow.district_id)
    for member_id, points in owed.items():
        journal = Journal(new_id("dbt"), "return", uow.principal.id, uow.now)
        posting.open_journal(journal)
        posting.owe(journal.id, member_id, points, adjustment)
    posting.write()
    uow.emit(*(DebtReturned(member_id, points) for member_id, points in owed.items()))


def block_spending(
    uow: UnitOfWork, member_id: str, *, frozen: bool | None = None, locked: bool | None = None
) -> tuple[bool, bool]:
    """Freezes a member or locks its spending, or lifts that; None leaves as it is. Gives whether it is frozen, and locked.

    `frozen` is the alliance's, `locked` the member's own. It waits for whoever spends at the moment.
    """
    values = {"district": hex_of(uow.district_id), "member": hex_of(member_id), "frozen": frozen, "locked": locked}
    [(is_frozen, is_locked)] = uow.rows(_BLOCK, values)
    return is_frozen, is_locked


def rest_spending(uow: UnitOfWork, member_id: str) -> None:
    """Lets spending rest for a day from now; earning goes on."""
    uow.write(_REST, {"member": hex_of(member_id), "until": uow.now + RESTS})
