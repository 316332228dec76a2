"""What happens, and what coupons are given for it. Called by the relay, in the commit that takes the events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from app.coupons.giving.occurrences import Occurrence, Triggered, give_for, triggered, undo
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.jobs.relay import TakenEvent
from app.members import services as members

PROVEN_WAYS = ("sign-in", "code", "claim", "consent")
"""Ways in which members become a merchant's by their own act."""
_SOLD = ("transaction.recorded", "transaction.claimed")
_REFUNDED = "refund.recorded"
_JOINED, _JOINED_MERCHANT, _TIER = "member.enrolled", "membership.started", "member.tier_gained"


class Sold(NamedTuple):
    """A sale that somebody made. `amount`: of the bill; `is_first`: of all that its member was sold.

    `is_history`: it was told later than sales may come, by who takes over what was before.
    """

    transaction_id: str
    member_id: str | None
    merchant_id: str
    amount: int
    is_undone: bool
    is_first: bool
    occurred_at: datetime
    is_history: bool

    def counts_since(self, instant: datetime) -> bool:
        """Whether who looks at sales from an instant on means it, once it has been told then: history begins there."""
        return self.occurred_at >= instant or not self.is_history


WHO_KNOWS_SALES: list[Callable[[UnitOfWork, Sequence[str]], Sequence[Sold]]] = []
"""Who tells of sales by their ids; these stand above. `app/wiring.py` fills it."""


def notice(uow: UnitOfWork, events: Sequence[TakenEvent]) -> None:
    """Gives coupons for what has happened since their campaigns were published, and takes back those of sales that were
    refunded whole.
    """
    kinds = {event.type for event in events}
    if not kinds & {*_SOLD, _REFUNDED, _JOINED, _JOINED_MERCHANT, _TIER}:
        return
    found = triggered(uow, "joined", "first_purchase", "sale", "tier_reached")
    if not found:
        return
    of_sales = [one for one in found if one.trigger["on"] in ("first_purchase", "sale")]
    sales = _sales_of(uow, events) if of_sales else []
    undone = [_for_sale(campaign, sale) for campaign in of_sales for sale in sales if sale.is_undone]
    if undone:
        undo(uow, undone)
    told_at = {event.payload["transaction_id"]: event.recorded_at for event in events if event.type in _SOLD}
    new = [one for one in sales if one.transaction_id in told_at and not one.is_undone]
    give_for(uow, [*_for_sales(uow, of_sales, new, told_at), *_for_members(found, events)], with_consent=False)


def _sales_of(uow: UnitOfWork, events: Sequence[TakenEvent]) -> Sequence[Sold]:
    ids = sorted({event.payload["transaction_id"] for event in events if event.type in (*_SOLD, _REFUNDED)})
    return WHO_KNOWS_SALES[0](uow, ids) if ids else ()


def _for_sales(
    uow: UnitOfWork, found: Sequence[Triggered], sales: Sequence[Sold], told_at: Mapping[str, datetime]
) -> Iterator[Occurrence]:
    """`told_at`: when sales were reported, or claimed, by their ids."""
    there = [one for one in sales if one.member_id is not None]
    firsts = [one.member_id for one in there if one.is_first and one.member_id is not None]
    returned = {member for member, one in members.ask_profiles(uow, firsts)().items() if one.returned}
    for campaign in found:
        for sale in there:
            begins = campaign.published_at
            if campaign.merchant_id not in (None, sale.merchant_id) or told_at[sale.transaction_id] < begins:
                continue
            if campaign.trigger["on"] == "sale":
                is_meant = sale.amount >= campaign.trigger.get("min_amount", 0)
            else:
                is_meant = sale.is_first and sale.member_id not in returned
            if is_meant and sale.counts_since(begins):
                yield _for_sale(campaign, sale)


def _for_sale(campaign: Triggered, sale: Sold) -> Occurrence:
    """A member's first purchase is known by the member: two sales may each have been the first that was seen."""
    is_members_first = campaign.trigger["on"] == "first_purchase" and sale.is_first
    name = (sale.member_id if is_members_first else None) or sale.transaction_id
    return Occurrence(campaign.campaign_id, name, sale.member_id, sale.transaction_id)


def _for_members(found: Sequence[Triggered], events: Sequence[TakenEvent]) -> Iterator[Occurrence]:
    for event in events:
        for campaign in found:
            if event.recorded_at >= campaign.published_at and _is_meant(campaign, event.type, event.payload):
                member_id = event.payload["member_id"]
                name = event.id if event.type == _TIER else member_id
                yield Occurrence(campaign.campaign_id, name, member_id)


def _is_meant(campaign: Triggered, kind: str, told: Mapping[str, str]) -> bool:
    """Who joins a merchant by its own act joins that merchant's campaign; the alliance's is for who joins the district."""
    if campaign.trigger["on"] == "tier_reached":
        return kind == _TIER and told["tier_id"] in campaign.trigger["tier_ids"]
    if campaign.trigger["on"] != "joined":
        return False
    if campaign.merchant_id is None:
        return kind == _JOINED
    return kind == _JOINED_MERCHANT and told["merchant_id"] == campaign.merchant_id and told["way"] in PROVEN_WAYS
