"""Reading campaigns, locks included."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Boolean, ColumnElement, Select, TextClause, func, or_, select, text, type_coerce

from app.coupons.campaigns.ends import ends_at
from app.coupons.campaigns.models import Campaign
from app.coupons.campaigns.rules import CLAIMS, Course, Status, Terms, course_of
from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import id_array
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound

_COUNTS = f"""
    SELECT s.issued, s.redeemed, s.expired + e.coupons, s.voided, r.coupons, s.set_aside - e.set_aside, s.discount_given
    FROM (
        SELECT coalesce(sum(issued), 0)::bigint AS issued, coalesce(sum(redeemed), 0)::bigint AS redeemed,
               coalesce(sum(expired), 0)::bigint AS expired, coalesce(sum(voided), 0)::bigint AS voided,
               coalesce(sum(set_aside), 0)::bigint AS set_aside,
               coalesce(sum(discount_given), 0)::bigint AS discount_given
        FROM campaign_slices WHERE district_id = %(district)s AND campaign_id = %(campaign)s
    ) AS s CROSS JOIN (
        SELECT count(*) AS coupons, coalesce(sum(c.set_aside), 0)::bigint AS set_aside FROM coupons AS c
        WHERE c.district_id = %(district)s AND c.campaign_id = %(campaign)s AND c.status IN ('issued', 'reserved')
          AND c.expires_at <= %(now)s AND {ends_at("c")} <= %(now)s
    ) AS e CROSS JOIN (
        SELECT count(*) AS coupons FROM coupons AS c
        WHERE c.district_id = %(district)s AND c.campaign_id = %(campaign)s AND c.status = 'reserved'
          AND c.reserved_until > %(now)s AND {ends_at("c")} > %(now)s
    ) AS r
"""


class Counts(NamedTuple):
    """Of a campaign by the clock: coupons, and minor units set aside for those that may still be used and taken off bills."""

    issued: int
    redeemed: int
    expired: int
    voided: int
    reserved: int
    set_aside: int
    discount_given: int


def counts_of(uow: UnitOfWork, campaign_id: str) -> Counts:
    """What is counted of a campaign, by what has been committed; nothing is locked."""
    values = {"district": hex_of(uow.district_id), "campaign": hex_of(campaign_id), "now": uow.now}
    return Counts(*uow.rows(_COUNTS, values)[0])


def visible_campaigns(uow: UnitOfWork) -> Select[Campaign]:
    """Campaigns that the principal knows: all to a district's key; its own, and the alliance's once they are published, to a
    merchant's; published ones to a member.
    """
    query = select(Campaign).where(Campaign.district_id == uow.district_id)
    if uow.principal.kind == "member":
        return query.where(Campaign.published_at.is_not(None))
    merchant_id = uow.principal.merchant_id
    if merchant_id is None:
        return query
    of_alliance = Campaign.merchant_id.is_(None) & Campaign.published_at.is_not(None)
    return query.where(or_(Campaign.merchant_id == merchant_id, of_alliance))


_OVER = text("""campaigns.ended_at IS NOT NULL OR (
    campaigns.terms -> 'issuing' <@ cast(:claims AS jsonb) AND (campaigns.terms #>> '{claim_window,to}')::timestamptz <= :now)
""")
_WAITS = text("(campaigns.terms #>> '{claim_window,from}')::timestamptz > :now")


def in_state(uow: UnitOfWork, status: Status) -> ColumnElement[bool]:
    """Whether campaigns are in a state now; in SQL what `Course.status` says of one."""
    over = func.coalesce(_told(_OVER.bindparams(now=uow.now, claims=orjson.dumps(sorted(CLAIMS)).decode())), False)
    waits = func.coalesce(_told(_WAITS.bindparams(now=uow.now)), False)
    is_out, rests = Campaign.published_at.is_not(None), Campaign.paused_at.is_not(None)
    states: dict[Status, ColumnElement[bool]] = {
        "draft": ~is_out,
        "paused": is_out & rests,
        "ended": is_out & ~rests & over,
        "scheduled": is_out & ~rests & ~over & waits,
        "running": is_out & ~rests & ~over & ~waits,
    }
    return states[status]


def _told(clause: TextClause) -> ColumnElement[bool]:
    return type_coerce(clause, Boolean).self_group()


def wanted_campaigns(uow: UnitOfWork, wanted: Mapping[str, Any]) -> Select[Campaign]:
    """Those of them that are asked for: of a merchant, in a state, with a part of a name."""
    query = visible_campaigns(uow)
    if wanted.get("merchant_id"):
        query = query.where(Campaign.merchant_id == wanted["merchant_id"])
    if wanted.get("status"):
        query = query.where(in_state(uow, wanted["status"]))
    if wanted.get("name"):
        query = query.where(Campaign.terms["name"].as_string().icontains(wanted["name"], autoescape=True))
    return query


class CampaignTotals(NamedTuple):
    """What is counted of a campaign without looking at its coupons: issued (gross), redeemed, and minor units."""

    issued: int
    redeemed: int
    set_aside: int
    discount_given: int


_TOTALS = """
    SELECT campaign_id, sum(issued)::bigint, sum(redeemed)::bigint, sum(set_aside)::bigint, sum(discount_given)::bigint
    FROM campaign_slices WHERE district_id = %s AND campaign_id = ANY(%s::uuid[]) GROUP BY campaign_id
"""


def totals_of(uow: UnitOfWork, campaign_ids: Collection[str]) -> dict[str, CampaignTotals]:
    """What is counted of some campaigns, by id, in one question; drafts have nothing."""
    rows = uow.rows(_TOTALS, (hex_of(uow.district_id), id_array(sorted(campaign_ids))))
    return {f"cam_{campaign}": CampaignTotals(*counts) for campaign, *counts in rows}


class Stocked(NamedTuple):
    """A campaign of which so many coupons are issued of those that there are."""

    id: str
    name: str
    issued: int
    stock: int


def stocked(uow: UnitOfWork) -> list[Stocked]:
    """Campaigns that run and have a stock; a merchant's own."""
    running = visible_campaigns(uow).where(in_state(uow, "running"), Campaign.terms["stock"].as_string().is_not(None))
    if uow.principal.merchant_id is not None:
        running = running.where(Campaign.merchant_id == uow.principal.merchant_id)
    rows = list(uow.session.scalars(running))
    totals = totals_of(uow, [row.id for row in rows]) if rows else {}
    return [
        Stocked(row.id, row.terms["name"], totals[row.id].issued if row.id in totals else 0, row.terms["stock"])
        for row in rows
    ]


def own_ids(uow: UnitOfWork) -> set[str]:
    """Ids of the merchant's campaigns that the principal acts for."""
    query = select(Campaign.id).where(
        Campaign.district_id == uow.district_id, Campaign.merchant_id == uow.principal.merchant_id
    )
    return set(uow.session.scalars(query))


def names(uow: UnitOfWork) -> dict[str, str]:
    """What the district's campaigns are called, by id, whoever asks."""
    rows = uow.rows("SELECT id, terms ->> 'name' FROM campaigns WHERE district_id = %s", (hex_of(uow.district_id),))
    return {f"cam_{campaign}": name for campaign, name in rows}


def find_campaign(uow: UnitOfWork, campaign_id: str) -> Campaign:
    """Raises NotFound."""
    campaign = uow.session.scalars(visible_campaigns(uow).where(Campaign.id == campaign_id)).one_or_none()
    if campaign is None:
        raise NotFound
    return campaign


def lock_campaign(uow: UnitOfWork, campaign_id: str) -> Campaign:
    """A campaign alone: what is being issued of it is committed before, or sees what is changed. Raises NotFound."""
    uow.rows("SELECT pg_advisory_xact_lock(hashtextextended(%s::uuid::text, 3))", (hex_of(campaign_id),))
    return find_campaign(uow, campaign_id)


def hold_campaign(uow: UnitOfWork, campaign_id: str) -> Campaign:
    """A campaign of which something is issued: it stays as it is until the commit, for others too. Raises NotFound."""
    uow.rows("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s::uuid::text, 3))", (hex_of(campaign_id),))
    return find_campaign(uow, campaign_id)


_THOSE = "SELECT id FROM unnest(%(campaigns)s::uuid[]) AS id"


def _share(lock: str) -> str:
    return f"SELECT c.id, {lock}(hashtextextended(c.id::text, 3)) FROM ({{which}} ORDER BY id) AS c"


_SHARED, _SHARED_IF_FREE = _share("pg_advisory_xact_lock_shared"), _share("pg_try_advisory_xact_lock_shared")


def ask_shared(uow: UnitOfWork, campaign_ids: Collection[str], *, wait: bool = True) -> Asked[set[str]]:
    """Lets campaigns stay as they are until the commit, for others too; call the result for those that do, which are all.

    Without `wait` those that somebody changes just now are left out.
    """
    if not campaign_ids:
        return set
    return ask_shared_of(uow, _THOSE, {"campaigns": id_array(sorted(campaign_ids))}, wait=wait)


def ask_shared_of(uow: UnitOfWork, which: str, values: Mapping[str, Any], *, wait: bool = True) -> Asked[set[str]]:
    """The same of campaigns that SQL finds, each once, as `id`."""
    cursor = uow.execute((_SHARED if wait else _SHARED_IF_FREE).format(which=which), values)
    return lambda: {f"cam_{campaign}" for campaign, is_shared in cursor.fetchall() if is_shared is not False}


class Standing(NamedTuple):
    """A campaign as it stands: its terms, and what has been done with it."""

    terms: Terms
    course: Course


def ask_standing(uow: UnitOfWork, campaign_ids: Collection[str]) -> Asked[dict[str, Standing]]:
    """Sends the question how campaigns stand; call the result for them by id."""
    query = """
        SELECT id, terms::text, published_at, paused_at, ended_at FROM campaigns
        WHERE district_id = %s AND id = ANY(%s::uuid[])
    """
    cursor = uow.execute(query, (hex_of(uow.district_id), id_array(sorted(campaign_ids))))

    def answer() -> dict[str, Standing]:
        rows = ((campaign, _read(kept), done) for campaign, kept, *done in cursor.fetchall())
        return {f"cam_{campaign}": Standing(terms, course_of(terms, *done)) for campaign, terms, done in rows}

    return answer


@lru_cache(maxsize=1024)
def _read(kept: str) -> Terms:
    """Terms, read once for each state of them; nobody changes what others read, too."""
    return MappingProxyType(orjson.loads(kept))


def campaigns_by_id(uow: UnitOfWork, campaign_ids: Collection[str]) -> dict[str, Campaign]:
    """Campaigns by id, whoever asks."""
    query = select(Campaign).where(Campaign.district_id == uow.district_id, Campaign.id.in_(list(campaign_ids)))
    return {row.id: row for row in uow.session.scalars(query)}


def ask_screening(uow: UnitOfWork, campaign_ids: Collection[str]) -> Asked[dict[str, Mapping[str, Any]]]:
    """Sends the question from where on vouchers of campaigns look odd; call the result for their terms' `screening` by id."""
    query = "SELECT id, terms -> 'screening' FROM campaigns WHERE district_id = %s AND id = ANY(%s::uuid[])"
    cursor = uow.execute(query, (hex_of(uow.district_id), id_array(sorted(campaign_ids))))
    return lambda: {f"cam_{campaign}": screening for campaign, screening in cursor.fetchall()}
