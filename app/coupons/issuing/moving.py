"""Coupons that change hands, and later ends that come to their rows.

The ends hold before (`campaigns/putting_off.py`). Here they are written in sets, each in its own commit, which locks nothing but its
coupons; what has been written isn't found again, so a job can die anywhere, and another goes on.
"""

from __future__ import annotations

from functools import partial

from app.coupons.campaigns import putting_off
from app.coupons.campaigns.ends import MOVABLE, ends_at
from app.coupons.campaigns.queries import hold_campaign
from app.foundation.database.once import do_once
from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.tenancy import system_principal

_TO_SURVIVOR = """
    UPDATE coupons SET member_id = %(survivor)s::uuid WHERE district_id = %(district)s AND member_id = %(old)s::uuid
"""
COUPONS_A_SET = 500
_BYTES_OF_ID = 16
_TO_MOVE = f"""
    SELECT string_agg(uuid_send(c.id), '' ORDER BY c.id) FROM coupons AS c
    WHERE c.district_id = %(district)s AND c.campaign_id = %(campaign)s AND c.status IN {MOVABLE} AND c.expires_at < {ends_at("c")}
"""
"""The ids of all, 16 bytes each: a million are 16 MB."""
_LOCK = "SELECT FROM coupons WHERE district_id = %s AND id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE"
_MOVE = f"""
    UPDATE coupons AS c SET expires_at = {ends_at("c")}
    WHERE c.district_id = %(district)s AND c.id = ANY(%(coupons)s::uuid[]) AND c.expires_at < {ends_at("c")}
"""


def move_to_survivor(uow: UnitOfWork, old_id: str, survivor_id: str) -> None:
    """The coupons of a member that became part of another are the other's, and count under its limits. Hold both."""
    uow.write(_TO_SURVIVOR, {"old": hex_of(old_id), "survivor": hex_of(survivor_id)})


def move_ends(district_id: str, campaign_id: str) -> int:
    """Writes later ends to the coupons of a campaign that are out; says how many these were. Raises Busy."""
    principal, size, total = system_principal(district_id), _BYTES_OF_ID * COUPONS_A_SET, 0
    while ids := do_once(principal, partial(_to_move, campaign_id=campaign_id)):
        for start in range(0, len(ids), size):
            do_once(principal, partial(_move_some, campaign_id=campaign_id, ids=ids[start : start + size]))
        total += len(ids) // _BYTES_OF_ID
    return total


def _to_move(uow: UnitOfWork, campaign_id: str) -> bytes:
    """The ids of coupons to be moved; none at the end, where nothing is left to be done and the ends are forgotten."""
    hold_campaign(uow, campaign_id)
    [(found,)] = uow.rows(_TO_MOVE, {"district": hex_of(uow.district_id), "campaign": hex_of(campaign_id)})
    if found is None:
        putting_off.forget(uow, campaign_id)
    ids: bytes = found or b""
    return ids


def _move_some(uow: UnitOfWork, campaign_id: str, ids: bytes) -> None:
    coupons = id_array([ids[start : start + _BYTES_OF_ID].hex() for start in range(0, len(ids), _BYTES_OF_ID)])
    uow.rows(_LOCK, (hex_of(uow.district_id), coupons))
    uow.write(_MOVE, {"coupons": coupons})
    putting_off.stay_alive(uow, campaign_id)
