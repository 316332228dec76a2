"""What happens, and what coupons are given for it. Called by the relay, in the commit that takes the events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from app.coupons.giving.occurrences import Occurrence, Triggered, give_for, noted, triggered, undo_for_sales
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.jobs.relay import TakenEvent
from app.members import services as members

PROVEN_WAYS = ("sign-in", "code", "claim", "consent")
"""Ways in which members become a merchant's by their own act."""
_SOLD = ("transaction.recorded", "transaction.claimed")
_REFUNDED = "refund.recorded"
_JOINED, _JOINED_MERCHANT, _TIER = "member.enrolled", "membership.started", "member.tier_gained"


class Sold(NamedTuple):
    """A sale that somebody made. `amount`: of the bill; `is_first`: of all that its member was sold."""

    transaction_id: str
    member_id: str | None
    merchant_id: str
    amount: int
    is_undone: bool
    is_first: bool


WHO_KNOWS_SALES: list[Callable[[UnitOfWork, Sequence[str]], Sequence[Sold]]] = []
"""Who tells of sales by their ids; these stand above. `app/wiring.py` fills it."""


def notice(uow: UnitOfWork, events: Sequence[TakenEvent]) -> None:
    """Gives coupons for what has happened, and takes back those of sales that were refunded whole."""
    kinds = {event.type for event in events}
    if not kinds & {*_SOLD, _REFUNDED, _JOINED, _JOINED_MERCHANT, _TIER}:
        return
    found = triggered(uow, "joined", "first_purchase", "sale", "tier_reached")
    if not found:
        return
    of_sales = [one for one in found if one.trigger["on"] in ("first_purchase", "sale")]
    sales = _sales_of(uow, events) if of_sales else []
    undone = [one.transaction_id for one in sales if one.is_undone]
    if undone:
        undo_for_sales(uow, of_sales, undone)
    give_for(uow, [*_for_sales(uow, of_sales, sales), *_for_members(found, events)], with_consent=False)


def _sales_of(uow: UnitOfWork, events: Sequence[TakenEvent]) -> Sequence[Sold]:
    ids = sorted({event.payload["transaction_id"] for event in events if event.type in (*_SOLD, _REFUNDED)})
    return WHO_KNOWS_SALES[0](uow, ids) if ids else ()


def _for_sales(uow: UnitOfWork, found: Sequence[Triggered], sales: Sequence[Sold]) -> Iterator[Occurrence]:
    there = [one for one in sales if one.member_id is not None and not one.is_undone]
    firsts = [one.member_id for one in there if one.is_first and one.member_id is not None]
    returned = {member for member, one in members.ask_profiles(uow, firsts)().items() if one.returned}
    had = noted(uow, [one.campaign_id for one in found], firsts)
    for campaign in found:
        for sale in there:
            if campaign.merchant_id not in (None, sale.merchant_id):
                continue
            if campaign.trigger["on"] == "sale":
                is_meant = sale.amount >= campaign.trigger.get("min_amount", 0)
            else:
                is_new = (campaign.campaign_id, sale.member_id) not in had
                is_meant = sale.is_first and is_new and sale.member_id not in returned
            if is_meant:
                yield Occurrence(campaign.campaign_id, sale.transaction_id, sale.member_id, sale.transaction_id)


def _for_members(found: Sequence[Triggered], events: Sequence[TakenEvent]) -> Iterator[Occurrence]:
    for event in events:
        for campaign in found:
            if _is_meant(campaign, event.type, event.payload):
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
