"""Members claim coupons, themselves or by a key that names them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.coupons.campaigns import rules
from app.coupons.campaigns.models import Campaign
from app.coupons.campaigns.paying import hold_points, price_of
from app.coupons.errors import CampaignNotRunning, CampaignSoldOut, ClaimLimitReached, NotClaimable, NotInAudience
from app.coupons.issuing import audience, queries
from app.coupons.issuing.adding import add_coupons, make_coupon
from app.coupons.issuing.limits import limits_of
from app.coupons.issuing.models import Coupon
from app.coupons.issuing.taking import take_claimed
from app.districts import queries as districts
from app.foundation.clock import format_instant, parse_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import NotFound
from app.members.claimants import Claimant, lock_claimant
from app.members.errors import MemberIsFrozen


class GivenCoupon(NamedTuple):
    """A coupon, of a campaign with these terms, given at this instant."""

    coupon: Coupon
    terms: rules.Terms
    at: datetime


def claim(uow: UnitOfWork, campaign: Campaign, member_id: str | None) -> GivenCoupon:
    """A coupon for the member who is signed in, or whom a key names; the points that it costs are spent. Hold the campaign.

    Raises NotFound, MemberUnproven, MemberIsFrozen, NotClaimable, CampaignNotRunning, NotInAudience, ClaimLimitReached,
    CampaignSoldOut, and what is against spending the points.
    """
    wanted, price = campaign.terms["audience"], price_of(campaign.terms, uow.district_id)
    member = _claimant(uow, member_id, reads_facts=bool(price) or audience.names_facts(wanted))
    if member.is_frozen:
        raise MemberIsFrozen
    course = rules.course_of(campaign.terms, campaign.published_at, campaign.paused_at, campaign.ended_at)
    check_open(campaign.terms, course, uow.now)
    if not audience.is_for(uow, wanted, member):
        raise NotInAudience
    zone = ZoneInfo(districts.district(uow).time_zone)
    check_limits(uow, campaign, member, zone)
    take_points = hold_points(uow, member.id, price)
    sold_out = take_claimed(uow, campaign.id, limits_of(campaign.terms), zone)
    if sold_out is not None:
        raise sold_out_of(campaign.terms, sold_out.opens_at)
    way = "points" if price else "claim"
    coupon = make_coupon(uow, campaign.id, campaign.terms, member.id, zone, way=way)
    add_coupons(uow, [coupon])
    if take_points is not None:
        take_points(coupon.id)
    return GivenCoupon(coupon, campaign.terms, uow.now)


def _claimant(uow: UnitOfWork, member_id: str | None, *, reads_facts: bool) -> Claimant:
    """Who claims, held still. Raises NotFound with a pointer, MemberUnproven."""
    own = uow.principal.id if uow.principal.kind == "member" else None
    if own is not None and member_id not in (None, own):
        raise NotFound.at("/member_id", _l("member"))
    wanted = own or member_id
    assert wanted is not None, "a key names a member, as the route has checked"
    try:
        return lock_claimant(uow, wanted, reads_facts=reads_facts)
    except NotFound:
        raise NotFound.at("/member_id", _l("member")) from None


def check_open(terms: rules.Terms, course: rules.Course, now: datetime) -> None:
    """Raises NotClaimable, CampaignNotRunning."""
    if not rules.CLAIMS & set(terms["issuing"]):
        raise NotClaimable
    end = terms["validity"].get("to")
    is_over = course.are_claims_over(now) or (end is not None and parse_instant(end) <= now)
    if course.status(now) != "running" or is_over:
        raise CampaignNotRunning


def check_limits(uow: UnitOfWork, campaign: Campaign, member: Claimant, zone: ZoneInfo) -> None:
    """Raises ClaimLimitReached with the coupon that the member had last."""
    if queries.limits_members(campaign.terms):
        [had] = queries.ask_had(uow, [(campaign.id, member.id)], zone)().values()
        check_had(campaign.terms, had)


def check_had(terms: rules.Terms, had: queries.Had) -> None:
    """Raises ClaimLimitReached where a member has had all that it may have."""
    most, most_a_day = terms["per_member_limit"], terms["per_member_per_day"]
    if (most is not None and had.in_all >= most) or (most_a_day is not None and had.today >= most_a_day):
        raise ClaimLimitReached(coupon_id=had.last_id)


def sold_out_of(terms: rules.Terms, opens_at: datetime | None) -> CampaignSoldOut:
    """The refusal, with the instant at which more can be claimed, if claims go on then."""
    window = terms["claim_window"] or {}
    ends = (window.get("to"), terms["validity"].get("to"))
    if opens_at is None or any(end is not None and parse_instant(end) <= opens_at for end in ends):
        return CampaignSoldOut()
    when = format_instant(opens_at)
    return CampaignSoldOut(_l("More can be claimed from %(when)s on.", when=when), opens_at=when)
