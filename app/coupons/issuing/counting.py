"""What becomes of coupons is counted in the slices of their campaigns: where it is counted doesn't matter, only the sum does."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from app.coupons.campaigns.slices import any_slice
from app.foundation.database.sql_arrays import id_array, number_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of

_LOCK = """
    SELECT slice FROM campaign_slices
    WHERE district_id = %(district)s AND campaign_id = ANY(%(campaigns)s::uuid[])
      AND (slice = %(slice)s OR campaign_id = ANY(%(short)s::uuid[])) ORDER BY campaign_id, slice FOR UPDATE
"""
_DEALT_OUT = """
    UPDATE campaign_slices SET allotted = 0
    WHERE district_id = %(district)s AND campaign_id = ANY(%(short)s::uuid[]) AND allotted > 0
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


def count(uow: UnitOfWork, changes: Iterable[tuple[str, Tally]], *, short: Collection[str] = ()) -> None:
    """Adds to the counts of campaigns, by id. Lock the coupons first.

    What is dealt out of `short` campaigns isn't theirs to give any more: the next claim deals out what is left.
    """
    sums: dict[str, Tally] = {}
    for campaign_id, tally in changes:
        sums[campaign_id] = Tally(*map(sum, zip(sums.get(campaign_id, Tally()), tally, strict=True)))
    if not sums:
        return
    number, campaigns, short_ids = any_slice(), id_array(list(sums)), id_array(list(short))
    district = hex_of(uow.district_id)
    if short or len(sums) > 1:
        uow.execute(_LOCK, {"district": district, "campaigns": campaigns, "slice": number, "short": short_ids})
    if short:
        uow.execute(_DEALT_OUT, {"district": district, "short": short_ids})
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
