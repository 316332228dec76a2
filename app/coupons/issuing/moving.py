"""Coupons that change hands, or their end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from app.coupons.bill.validity import span_of
from app.coupons.campaigns.queries import campaigns_by_id
from app.districts import queries as districts
from app.foundation.clock import start_of_day
from app.foundation.database.once import do_once
from app.foundation.database.sql_arrays import id_array, instant_array
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.ids import hex_of
from app.foundation.tenancy import system_principal

_TO_SURVIVOR = """
    UPDATE coupons SET member_id = %(survivor)s::uuid WHERE district_id = %(district)s AND member_id = %(old)s::uuid
"""
COUPONS_A_SET = 500
_BYTES_OF_ID = 16
_ISSUED_BETWEEN = """
    SELECT min(issued_at), max(issued_at) FROM coupons
    WHERE district_id = %s AND campaign_id = %s AND status IN ('issued', 'reserved', 'redeemed')
"""
_MOVABLE = """
    SELECT string_agg(uuid_send(id), '' ORDER BY id) FROM coupons
    WHERE district_id = %s AND campaign_id = %s AND status IN ('issued', 'reserved', 'redeemed') AND expires_at > %s
"""
"""The ids of all, 16 bytes each: a million are 16 MB."""
_LOCK = "SELECT FROM coupons WHERE district_id = %s AND id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE"
_LATER_END = """
    UPDATE coupons AS c SET expires_at = n.ends
    FROM unnest(%(starts)s::timestamptz[], %(nexts)s::timestamptz[], %(ends)s::timestamptz[]) AS n (start, next, ends)
    WHERE c.district_id = %(district)s AND c.campaign_id = %(campaign)s AND c.status IN ('issued', 'reserved', 'redeemed')
      AND c.expires_at > %(now)s AND c.expires_at < n.ends AND c.issued_at >= n.start AND c.issued_at < n.next
"""
_LATER_END_OF_SOME = f"{_LATER_END} AND c.id = ANY(%(coupons)s::uuid[])"


def move_to_survivor(uow: UnitOfWork, old_id: str, survivor_id: str) -> None:
    """The coupons of a member that became part of another are the other's, and count under its limits. Hold both."""
    uow.write(_TO_SURVIVOR, {"old": hex_of(old_id), "survivor": hex_of(survivor_id)})


def move_ends(uow: UnitOfWork, campaign_id: str) -> None:
    """Coupons that are out end by new terms, those of one local day alike; none earlier than before, and none that is over.
    Those that have been used, too: a refund may give them back.

    Hold the campaign alone.
    """
    ends = _ends(uow, campaign_id, campaigns_by_id(uow, [campaign_id])[campaign_id].terms["validity"])
    if ends is not None:
        uow.write(_LATER_END, ends)


def move_ends_in_sets(district_id: str, campaign_id: str, validity: Mapping[str, Any]) -> None:
    """The same for those that are out now, before the campaign has the later validity: each set in its own commit.

    Nobody is harmed where it breaks off: some coupons end later than was said. Raises Busy.
    """
    principal = system_principal(district_id)
    with unit_of_work(principal) as uow:
        ends = _ends(uow, campaign_id, validity)
        [(ids,)] = uow.rows(_MOVABLE, (hex_of(district_id), hex_of(campaign_id), uow.now))
    if ends is None or ids is None:
        return
    size = _BYTES_OF_ID * COUPONS_A_SET
    for start in range(0, len(ids), size):
        do_once(principal, partial(_move_some, ends=ends, ids=ids[start : start + size]))


def _move_some(uow: UnitOfWork, ends: Mapping[str, Any], ids: bytes) -> None:
    coupons = id_array([ids[start : start + _BYTES_OF_ID].hex() for start in range(0, len(ids), _BYTES_OF_ID)])
    uow.rows(_LOCK, (hex_of(uow.district_id), coupons))
    uow.write(_LATER_END_OF_SOME, {"coupons": coupons, **ends})


def _ends(uow: UnitOfWork, campaign_id: str, validity: Mapping[str, Any]) -> dict[str, Any] | None:
    """When coupons of a campaign end by a validity, by the local day of their issue; None where there are none."""
    zone = ZoneInfo(districts.district(uow).time_zone)
    [(first, last)] = uow.rows(_ISSUED_BETWEEN, (hex_of(uow.district_id), hex_of(campaign_id)))
    if first is None:
        return None
    starts = _days(first, last, zone)
    ends = [span_of(validity, start, zone).expires_at for start in starts[:-1]]
    days = {"starts": instant_array(starts[:-1]), "nexts": instant_array(starts[1:]), "ends": instant_array(ends)}
    return {"campaign": hex_of(campaign_id), **days}


def _days(first: datetime, last: datetime, zone: ZoneInfo) -> list[datetime]:
    """The starts of the local days from that of one instant to that of another, and of the next."""
    day, until = (one.astimezone(zone).date() for one in (first, last))
    return [start_of_day(day + timedelta(days=n), zone) for n in range((until - day).days + 2)]
