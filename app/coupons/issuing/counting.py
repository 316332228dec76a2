"""What becomes of coupons is counted in the slices of their campaigns: where it is counted doesn't matter, only the sum does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from app.coupons.campaigns.slices import any_slice
from app.foundation.database.sql_arrays import id_array, number_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of

_LOCK = """
    SELECT slice FROM campaign_slices
    WHERE district_id = %s AND campaign_id = ANY(%s::uuid[]) AND slice = %s ORDER BY campaign_id FOR UPDATE
"""
_COUNT = """
    UPDATE campaign_slices AS s SET redeemed = s.redeemed + n.redeemed, expired = s.expired + n.expired,
        voided = s.voided + n.voided, set_aside = s.set_aside + n.set_aside,
        discount_given = s.discount_given + n.discount_given
    FROM unnest(%(campaigns)s::uuid[], %(redeemed)s::bigint[], %(expired)s::bigint[], %(voided)s::bigint[],
                %(set_aside)s::bigint[], %(given)s::bigint[])
        AS n (campaign_id, redeemed, expired, voided, set_aside, discount_given)
    WHERE s.district_id = %(district)s AND s.campaign_id = n.campaign_id AND s.slice = %(slice)s
"""


class Tally(NamedTuple):
    """By how much the counts of a campaign change: coupons, and minor units set aside and taken off bills."""

    redeemed: int = 0
    expired: int = 0
    voided: int = 0
    set_aside: int = 0
    discount_given: int = 0


def count(uow: UnitOfWork, changes: Iterable[tuple[str, Tally]]) -> None:
    """Adds to the counts of campaigns, by id. Lock the coupons first."""
    sums: dict[str, Tally] = {}
    for campaign_id, tally in changes:
        sums[campaign_id] = Tally(*map(sum, zip(sums.get(campaign_id, Tally()), tally, strict=True)))
    if not sums:
        return
    number, campaigns = any_slice(), id_array(list(sums))
    uow.rows(_LOCK, (hex_of(uow.district_id), campaigns, number))
    redeemed, expired, voided, set_aside, given = zip(*sums.values(), strict=True)
    uow.write(
        _COUNT,
        {
            "campaigns": campaigns,
            "slice": number,
            "redeemed": number_array(redeemed),
            "expired": number_array(expired),
            "voided": number_array(voided),
            "set_aside": number_array(set_aside),
            "given": number_array(given),
        },
    )
