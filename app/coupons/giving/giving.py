"""Coupons for a set of members, within the limits of their campaign, in a handful of statements whatever the size of the set."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from zoneinfo import ZoneInfo

from app.coupons.bill.validity import span_of
from app.coupons.campaigns.models import Campaign
from app.coupons.events import CouponIssued
from app.coupons.issuing import code_index
from app.coupons.issuing.limits import limits_of
from app.coupons.issuing.taking import take_up_to
from app.districts import queries as districts
from app.foundation.clock import start_of_day
from app.foundation.database.sql_arrays import bytes_array, id_array, number_array, unnested
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of, new_id
from app.members import audiences

OFFERS = "personalised-offers"
_HAD = """
    SELECT member_id, count(*), count(*) FILTER (WHERE coalesce(bound_at, issued_at) >= %(day)s),
           count(*) FILTER (WHERE issue_id = %(issue)s::uuid)
    FROM coupons WHERE district_id = %(district)s AND campaign_id = %(campaign)s AND member_id = ANY(%(members)s::uuid[])
    GROUP BY member_id
"""
_ADD = f"""
    INSERT INTO coupons (district_id, id, member_id, code_key, code_index, campaign_id, issue_id, status, way, issued_at,
                         usable_from, expires_at, set_aside)
    VALUES (%(district)s::uuid, {unnested(ids="uuid", members="uuid", keys="smallint", indexes="bytea")},
            %(campaign)s::uuid, %(issue)s::uuid, 'issued', %(way)s::text, %(now)s::timestamptz,
            %(usable_from)s::timestamptz, %(expires_at)s::timestamptz, %(set_aside)s::bigint)
"""


def give(
    uow: UnitOfWork,
    campaign: Campaign,
    member_ids: Sequence[str],
    *,
    way: str,
    issue_id: str | None = None,
    with_consent: bool = True,
) -> dict[str, str]:
    """A coupon for each of some members, in order, as far as the limits go; gives the coupons' ids by member.

    Left out are those who are gone or frozen, have withdrawn their consent to offers (`with_consent`), have had all that one may have, or one
    of the same issue. Hold the campaign.
    """
    active = audiences.hold_active(uow, member_ids)
    controllers = {"district", campaign.merchant_id or "district"}
    unwilling = audiences.withdrawn(uow, active, OFFERS, controllers) if with_consent else set()
    zone = ZoneInfo(districts.district(uow).time_zone)
    sated = _sated(uow, campaign, active, zone, issue_id)
    meant = [one for one in dict.fromkeys(member_ids) if one in active and one not in unwilling | sated]
    limits = limits_of(campaign.terms)
    count = take_up_to(uow, campaign.id, limits, zone, len(meant)) if meant else 0
    given = {member: new_id("cpn") for member in meant[:count]}
    _add(uow, campaign, given, zone, way=way, issue_id=issue_id, set_aside=limits.set_aside)
    return given


def _sated(
    uow: UnitOfWork, campaign: Campaign, member_ids: Collection[str], zone: ZoneInfo, issue_id: str | None
) -> set[str]:
    """Who has had all that one member may have of the campaign, or one of this issue. Hold the members."""
    today = start_of_day(uow.now.astimezone(zone).date(), zone)
    values = {
        "district": hex_of(uow.district_id),
        "campaign": hex_of(campaign.id),
        "members": id_array(list(member_ids)),
        "day": today,
        "issue": issue_id and hex_of(issue_id),
    }
    return {
        f"mem_{member}"
        for member, *had in uow.rows(_HAD, values)
        if had[2] or _is_at_limit(campaign.terms, had[0], had[1])
    }


def _is_at_limit(terms: Mapping[str, int | None], had: int, had_today: int) -> bool:
    most, most_a_day = terms["per_member_limit"], terms["per_member_per_day"]
    return (most is not None and had >= most) or (most_a_day is not None and had_today >= most_a_day)


def _add(
    uow: UnitOfWork,
    campaign: Campaign,
    given: Mapping[str, str],
    zone: ZoneInfo,
    *,
    way: str,
    issue_id: str | None,
    set_aside: int,
) -> None:
    if not given:
        return
    span = span_of(campaign.terms["validity"], uow.now, zone)
    made = [code_index.make(uow.district_id, one) for one in given.values()]
    uow.write(
        _ADD,
        {
            "ids": id_array(list(given.values())),
            "members": id_array(list(given)),
            "keys": number_array([one.key for one in made]),
            "indexes": bytes_array([one.code_index for one in made]),
            "campaign": hex_of(campaign.id),
            "issue": issue_id and hex_of(issue_id),
            "way": way,
            "usable_from": span.usable_from,
            "expires_at": span.expires_at,
            "set_aside": set_aside,
        },
    )
    uow.emit(*(CouponIssued(coupon, campaign.id, member, way) for member, coupon in given.items()))
