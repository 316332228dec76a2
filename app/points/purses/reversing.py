"""Points given back by a refund: what a sale earned goes back to its funders, what was spent on it to the member."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.ledger.rules import Journal, account_id
from app.points.purses.lots import Lot, TakenBack, take_back
from app.points.purses.posting import ASSET, Posting

RefundPolicy = Literal["owe", "take", "forgive"]


@dataclass(slots=True)
class Reversal:
    """How points went back that lots no longer held: `lapsed` had ended unused; then by policy `taken` from other points,
    `owed` from now on, or `forgiven`. The rest of what was wanted came from the sale's own lots. `merchant`: what of all that
    the merchant gets back; it gets nothing of what had ended, or is forgiven.
    """

    lapsed: int = 0
    taken: int = 0
    owed: int = 0
    forgiven: int = 0
    merchant: int = 0

    def credit(self, funder: str, points: int) -> None:
        """Counts points that go back to a funder."""
        if funder == "merchant":
            self.merchant += points


@dataclass(frozen=True, slots=True)
class Refunded:
    """A sale of which something goes back, whose points they are, and the journal in which they go."""

    journal: Journal
    sale_id: str
    member_id: str
    merchant_id: str
    district_id: str

    def issuer_account(self, funder: str) -> str:
        """The account to which a funder's part goes back."""
        return account_id(ASSET, "issued", self.merchant_id if funder == "merchant" else self.district_id)


def reverse(
    posting: Posting,
    refunded: Refunded,
    wanted: Mapping[str, int],
    family: Iterable[Lot],
    policy: RefundPolicy,
    now: datetime,
) -> Reversal:
    """Takes points by funder back: from the sale's lots, then what ended of them, then by policy.

    `family` are the sale's own lots and those restored from them.
    """
    plan = take_back(dict(wanted), family, now)
    result = Reversal(lapsed=sum(part.points for part in plan.lapsed))
    for part in plan.from_lots:
        posting.debit(refunded.journal.id, part.lot, part.points, refunded.issuer_account(part.funder), "reverse")
        result.credit(part.funder, part.points)
    for part in plan.lapsed:
        posting.reclaim(part.lot, part.points)
    _write_off(posting, refunded, plan, policy, result)
    return result


def _write_off(posting: Posting, refunded: Refunded, plan: TakenBack, policy: RefundPolicy, result: Reversal) -> None:
    for funder, points in plan.missing.items():
        if policy == "forgive":
            result.forgiven += points
            continue
        result.credit(funder, points)
        issuer, left = refunded.issuer_account(funder), points
        if policy == "take":
            left = posting.draw(refunded.journal.id, refunded.member_id, points, issuer, "take")
            result.taken += points - left
        if left:
            posting.owe(refunded.journal.id, refunded.member_id, left, issuer)
            result.owed += left


def give_back(
    posting: Posting, refunded: Refunded, spent: Sequence[tuple[Lot, int]], redeemed_at: str, extended_end: datetime
) -> None:
    """Gives spent points back, in the order in which they were taken; they pay what is owed first."""
    new = [posting.restore(refunded.journal.id, lot, points, redeemed_at, extended_end) for lot, points in spent]
    posting.pay_owed(refunded.journal.id, refunded.member_id, new)
