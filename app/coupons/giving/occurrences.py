"""Coupons that are given by themselves: once for each campaign and occurrence, whatever is told late or twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from app.coupons.campaigns import queries as campaigns
from app.coupons.campaigns.models import Campaign
from app.coupons.campaigns.services import check_issues
from app.coupons.errors import CampaignNotRunning
from app.coupons.giving.giving import give
from app.coupons.issuing.rules import SALE_REFUNDED
from app.coupons.issuing.voiding import Open, take_back
from app.foundation.database.sql_arrays import id_array, text_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.members import audiences
from app.members import queries as members

_TRIGGERED = """
    SELECT id, merchant_id, terms -> 'trigger', published_at FROM campaigns
    WHERE district_id = %s AND published_at IS NOT NULL AND ended_at IS NULL AND jsonb_typeof(terms -> 'trigger') = 'object'
      AND terms -> 'trigger' ->> 'on' = ANY(%s::text[]) ORDER BY id
"""
_NOTE = f"""
    INSERT INTO occurrences (district_id, campaign_id, occurrence, member_id, transaction_id, noted_at)
    VALUES (%(district)s::uuid, {unnested(campaigns="uuid", names="text", members="uuid", sales="uuid")}, %(now)s::timestamptz)
    ON CONFLICT DO NOTHING RETURNING campaign_id, occurrence
"""
_GIVEN = """
    UPDATE occurrences AS o SET coupon_id = n.coupon
    FROM unnest(%(campaigns)s::uuid[], %(names)s::text[], %(coupons)s::uuid[]) AS n (campaign, occurrence, coupon)
    WHERE o.district_id = %(district)s AND o.campaign_id = n.campaign AND o.occurrence = n.occurrence
"""
_OF_SALES = """
    SELECT c.id, c.member_id, c.way FROM occurrences AS o
    JOIN coupons AS c ON c.district_id = o.district_id AND c.id = o.coupon_id
    WHERE o.district_id = %s AND o.transaction_id = ANY(%s::uuid[]) AND c.status IN ('issued', 'reserved')
"""


class Triggered(NamedTuple):
    """A campaign whose coupons are given by themselves."""

    campaign_id: str
    merchant_id: str | None
    trigger: Mapping[str, Any]
    published_at: datetime


class Occurrence(NamedTuple):
    """Something for which a campaign gives a member a coupon, once: `name` tells it from others."""

    campaign_id: str
    name: str
    member_id: str | None
    transaction_id: str | None = None


def triggered(uow: UnitOfWork, *kinds: str) -> list[Triggered]:
    """Campaigns that are out, whose coupons are given on one of these."""
    rows = uow.rows(_TRIGGERED, (hex_of(uow.district_id), text_array(kinds)))
    return [Triggered(f"cam_{one}", merchant and f"mer_{merchant}", *more) for one, merchant, *more in rows]


def note(uow: UnitOfWork, found: Iterable[Occurrence]) -> list[Occurrence]:
    """Notes occurrences; gives those that nobody has noted before. It waits for who is noting the same."""
    ordered = sorted({(one.campaign_id, one.name): one for one in found}.values())
    if not ordered:
        return []
    values = {
        "district": hex_of(uow.district_id),
        "now": uow.now,
        "campaigns": id_array([one.campaign_id for one in ordered]),
        "names": text_array([one.name for one in ordered]),
        "members": id_array([one.member_id for one in ordered]),
        "sales": id_array([one.transaction_id for one in ordered]),
    }
    new = {(f"cam_{campaign}", name) for campaign, name in uow.rows(_NOTE, values)}
    return [one for one in ordered if (one.campaign_id, one.name) in new]


def give_for(uow: UnitOfWork, found: Sequence[Occurrence], *, with_consent: bool) -> None:
    """Gives coupons for occurrences that are new, as far as the limits of their campaigns go; the others are over.

    `with_consent`: those who have withdrawn their consent to offers get none.
    """
    if not found:
        return
    held = {one: campaigns.hold_campaign(uow, one) for one in sorted({one.campaign_id for one in found})}
    new = note(uow, found)
    survivors = audiences.survivors_of(uow, {one.member_id for one in new if one.member_id is not None})
    audiences.hold_active(uow, set(survivors.values()))
    given: dict[Occurrence, str] = {}
    for campaign_id, campaign in held.items():
        if _issues(uow, campaign):
            of_it = [one for one in new if one.campaign_id == campaign_id]
            given |= _give_of(uow, campaign, of_it, survivors, with_consent=with_consent)
    if given:
        values = {
            "campaigns": id_array([one.campaign_id for one in given]),
            "names": text_array([one.name for one in given]),
            "coupons": id_array(list(given.values())),
        }
        uow.write(_GIVEN, values)


def _issues(uow: UnitOfWork, campaign: Campaign) -> bool:
    try:
        check_issues(uow, campaign)
    except CampaignNotRunning:
        return False
    return True


def _give_of(
    uow: UnitOfWork,
    campaign: Campaign,
    found: Sequence[Occurrence],
    survivors: Mapping[str, str],
    *,
    with_consent: bool,
) -> dict[Occurrence, str]:
    """In rounds, in each of which a member gets one; a merchant gives to those who have shown themselves there."""
    left = [
        (one, survivors[one.member_id]) for one in found if one.member_id is not None and one.member_id in survivors
    ]
    if campaign.merchant_id is not None and left:
        proven = members.ask_known(uow, [(member, campaign.merchant_id) for _, member in left])()
        left = [(one, member) for one, member in left if proven.get((member, campaign.merchant_id))]
    given: dict[Occurrence, str] = {}
    while left:
        turn = {member: one for one, member in reversed(left)}
        coupons = give(uow, campaign, list(turn), way="automatic", with_consent=with_consent)
        given |= {turn[member]: coupon for member, coupon in coupons.items()}
        left = [(one, member) for one, member in left if turn[member] != one]
    return given


def undo(uow: UnitOfWork, found: Sequence[Occurrence]) -> None:
    """Takes back what was given for sales that were refunded whole and isn't used; nothing is given for them any more."""
    note(uow, found)
    sale_ids = {one.transaction_id for one in found if one.transaction_id is not None}
    rows = uow.rows(_OF_SALES, (hex_of(uow.district_id), id_array(sorted(sale_ids))))
    if rows:
        take_back(
            uow, [Open(f"cpn_{one}", member and f"mem_{member}", way) for one, member, way in rows], SALE_REFUNDED
        )
