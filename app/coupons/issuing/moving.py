"""Coupons that change hands, or their end."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.coupons.bill.validity import span_of
from app.coupons.campaigns.queries import campaigns_by_id
from app.districts import queries as districts
from app.foundation.clock import start_of_day
from app.foundation.database.sql_arrays import instant_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of

_TO_SURVIVOR = """
    UPDATE coupons SET member_id = %(survivor)s::uuid WHERE district_id = %(district)s AND member_id = %(old)s::uuid
"""
_ISSUED_BETWEEN = """
    SELECT min(issued_at), max(issued_at) FROM coupons
    WHERE district_id = %s AND campaign_id = %s AND status IN ('issued', 'reserved', 'redeemed')
"""
_LATER_END = """
    UPDATE coupons AS c SET expires_at = greatest(c.expires_at, n.ends)
    FROM unnest(%(starts)s::timestamptz[], %(nexts)s::timestamptz[], %(ends)s::timestamptz[]) AS n (start, next, ends)
    WHERE c.district_id = %(district)s AND c.campaign_id = %(campaign)s AND c.status IN ('issued', 'reserved', 'redeemed')
      AND c.expires_at > %(now)s AND c.issued_at >= n.start AND c.issued_at < n.next
"""


def move_to_survivor(uow: UnitOfWork, old_id: str, survivor_id: str) -> None:
    """The coupons of a member that became part of another are the other's, and count under its limits. Hold both."""
    uow.write(_TO_SURVIVOR, {"old": hex_of(old_id), "survivor": hex_of(survivor_id)})


def move_ends(uow: UnitOfWork, campaign_id: str) -> None:
    """Coupons that are out end by new terms, those of one local day alike; none earlier than before, and none that is over.
    Those that have been used, too: a refund may give them back.

    Hold the campaign alone.
    """
    terms, zone = campaigns_by_id(uow, [campaign_id])[campaign_id].terms, ZoneInfo(districts.district(uow).time_zone)
    [(first, last)] = uow.rows(_ISSUED_BETWEEN, (hex_of(uow.district_id), hex_of(campaign_id)))
    if first is None:
        return
    starts = _days(first, last, zone)
    ends = [span_of(terms["validity"], start, zone).expires_at for start in starts[:-1]]
    values = {"starts": instant_array(starts[:-1]), "nexts": instant_array(starts[1:]), "ends": instant_array(ends)}
    uow.write(_LATER_END, {"campaign": hex_of(campaign_id), **values})


def _days(first: datetime, last: datetime, zone: ZoneInfo) -> list[datetime]:
    """The starts of the local days from that of one instant to that of another, and of the next."""
    day, until = (one.astimezone(zone).date() for one in (first, last))
    return [start_of_day(day + timedelta(days=n), zone) for n in range((until - day).days + 2)]
