"""Reading coupons, locks included."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select, text, type_coerce
from sqlalchemy.orm import with_expression

from app.coupons.campaigns import queries as campaigns
from app.coupons.campaigns.ends import ends_at
from app.coupons.campaigns.models import Campaign
from app.coupons.campaigns.rules import Terms
from app.coupons.issuing import code_index
from app.coupons.issuing.models import Coupon, Instant
from app.foundation.clock import start_of_day
from app.foundation.database.db import PublicId
from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import id_array, rows_of
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.ids import hex_of
from app.foundation.problems import NotFound

OPEN = ("issued", "reserved")
"""What was last done with coupons that may still be used."""
POINTS_RETURNED = """
    SELECT c.points_returned_in AS id, c.id AS coupon_id FROM coupons AS c
    WHERE c.district_id = %(district)s AND c.points_returned_in IS NOT NULL
"""
"""Which coupons the journals are of that gave back what these cost."""
_OF_DISTRICT = bindparam("district", type_=PublicId("dis"))
_END = text(ends_at("coupons").replace("%(district)s", ":district")).bindparams(_OF_DISTRICT)
_HAD = f"""
    SELECT w.campaign, w.member, h.* FROM {rows_of(campaigns="uuid", members="uuid")} AS w (campaign, member)
    CROSS JOIN LATERAL (
        SELECT count(*), count(*) FILTER (WHERE coalesce(c.bound_at, c.issued_at) >= %(day)s::timestamptz), max(c.id::text)
        FROM coupons AS c
        WHERE c.district_id = %(district)s::uuid AND c.campaign_id = w.campaign AND c.member_id = w.member
    ) AS h
"""


Pair = tuple[str, str]
"""A campaign and a member."""


class Had(NamedTuple):
    """What a member was issued of a campaign, or bound, whatever became of it: in all, since an instant, and the last of it."""

    in_all: int
    today: int
    last_id: str | None


def limits_members(terms: Terms) -> bool:
    """Whether there is an end to what one member is issued of a campaign."""
    return terms["per_member_limit"] is not None or terms["per_member_per_day"] is not None


def ask_had(uow: UnitOfWork, pairs: Collection[Pair], zone: ZoneInfo) -> Asked[dict[Pair, Had]]:
    """Sends the question what of campaigns (first) members (second) were issued, in all and on the local day; call the
    result for it. Hold the members.
    """
    if not pairs:
        return dict
    campaign_ids, member_ids = zip(*pairs, strict=True)
    ids = {"campaigns": id_array(campaign_ids), "members": id_array(member_ids)}
    day = start_of_day(uow.now.astimezone(zone).date(), zone)
    cursor = uow.execute(_HAD, {"district": hex_of(uow.district_id), "day": day, **ids})

    def answer() -> dict[Pair, Had]:
        rows = ((f"cam_{campaign}", f"mem_{member}", *had) for campaign, member, *had in cursor.fetchall())
        return {
            (campaign, member): Had(in_all, today, last and f"cpn_{last.replace('-', '')}")
            for campaign, member, in_all, today, last in rows
        }

    return answer


def end_of(uow: UnitOfWork) -> ColumnElement[datetime]:
    """When coupons end."""
    return type_coerce(_END.bindparams(district=uow.district_id), Instant)


def coupons(uow: UnitOfWork) -> Select[Coupon]:
    """Coupons of the district, and when they end."""
    query = select(Coupon).where(Coupon.district_id == uow.district_id)
    return query.options(with_expression(Coupon.expires_at, end_of(uow)))


def of_member(uow: UnitOfWork, member_id: str) -> Select[Coupon]:
    """A member's coupons; to a merchant those of the alliance's campaigns and of its own."""
    query = coupons(uow).where(Coupon.member_id == member_id)
    merchant_id = uow.principal.merchant_id
    if merchant_id is None:
        return query
    own = (Campaign.district_id == Coupon.district_id) & (Campaign.id == Coupon.campaign_id)
    return query.join(Campaign, own).where(or_(Campaign.merchant_id.is_(None), Campaign.merchant_id == merchant_id))


def issued(uow: UnitOfWork, campaign_id: str | None, status: str | None) -> Select[Coupon]:
    """Coupons that campaigns have issued, all or one's; of a merchant's own campaigns alone, if the principal is one's."""
    query = coupons(uow)
    if uow.principal.merchant_id is not None:
        query = query.where(Coupon.campaign_id.in_(campaigns.own_ids(uow)))
    if campaign_id is not None:
        query = query.where(Coupon.campaign_id == campaign_id)
    return query if status is None else query.where(is_now(uow, status))


def count_usable(uow: UnitOfWork, member_id: str) -> int:
    """How many coupons a member has that aren't over, those included that a merchant holds."""
    return uow.session.scalars(select(func.count()).select_from(usable(uow, member_id).subquery())).one()


def usable(uow: UnitOfWork, member_id: str) -> Select[Coupon]:
    """A member's coupons that aren't over, those included that a merchant holds; those first that end first."""
    query = coupons(uow).where(Coupon.member_id == member_id, Coupon.status.in_(OPEN), end_of(uow) > uow.now)
    return query.order_by(end_of(uow), Coupon.id)


def is_now(uow: UnitOfWork, status: str) -> ColumnElement[bool]:
    """Whether coupons are in a state by the clock, whatever was last done with them."""
    live = end_of(uow) > uow.now
    held = and_(Coupon.status == "reserved", Coupon.reserved_until > uow.now)
    by_clock = {
        "issued": and_(Coupon.status.in_(OPEN), live, ~held),
        "reserved": and_(held, live),
        "expired": or_(Coupon.status == "expired", and_(Coupon.status.in_(OPEN), ~live)),
    }
    return by_clock.get(status, Coupon.status == status)


def find_own(uow: UnitOfWork, coupon_id: str) -> Coupon:
    """A coupon of the member who is signed in. Raises NotFound."""
    return _found(uow, of_member(uow, uow.principal.id).where(Coupon.id == coupon_id))


def find_coupon(uow: UnitOfWork, coupon_id: str) -> Coupon:
    """A coupon by its id, whoever asks. Raises NotFound."""
    return _found(uow, coupons(uow).where(Coupon.id == coupon_id))


def owner_of(uow: UnitOfWork, coupon_id: str) -> str | None:
    """Whose a coupon is, whoever asks; None for the bearer's. Nothing is locked. Raises NotFound."""
    query = select(Coupon.member_id).where(Coupon.district_id == uow.district_id, Coupon.id == coupon_id)
    row = uow.session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return row[0]


def lock_coupon(uow: UnitOfWork, coupon_id: str) -> Coupon:
    """A coupon to be changed, by its id; hold its member before. Raises NotFound."""
    query = coupons(uow).where(Coupon.id == coupon_id)
    return _found(uow, query.with_for_update().execution_options(populate_existing=True))


def coupon_of_code(uow: UnitOfWork, code: str, *, lock: bool = False) -> Coupon:
    """A coupon by its code, which is all that it takes; to a member only its own. Raises CodeMistyped, NotFound."""
    indexes = code_index.indexes_of(uow.district_id, code)
    query = coupons(uow).where(Coupon.code_index.in_(indexes))
    if uow.principal.kind == "member":
        query = query.where(Coupon.member_id == uow.principal.id)
    return _found(uow, query.with_for_update().execution_options(populate_existing=True) if lock else query)


def id_of_code(uow: UnitOfWork, code: str) -> str | None:
    """Which coupon a code is of, whoever asks. Raises CodeMistyped."""
    indexes = code_index.indexes_of(uow.district_id, code)
    query = select(Coupon.id).where(Coupon.district_id == uow.district_id, Coupon.code_index.in_(indexes))
    return uow.session.scalars(query).one_or_none()


def campaigns_of(uow: UnitOfWork, rows: list[Coupon]) -> dict[str, Campaign]:
    """The campaigns of some coupons, by id."""
    return campaigns.campaigns_by_id(uow, {one.campaign_id for one in rows})


def _found(uow: UnitOfWork, query: Select[Coupon]) -> Coupon:
    row = uow.session.scalars(query).one_or_none()
    if row is None:
        raise NotFound
    return row


def ask_code_indexes(uow: UnitOfWork, coupon_ids: Collection[str]) -> Asked[dict[str, bytes]]:
    """Sends the question by which indexes coupons are found; call the result for them by id."""
    query = "SELECT id, code_index FROM coupons WHERE district_id = %s AND id = ANY(%s::uuid[])"
    cursor = uow.execute(query, (hex_of(uow.district_id), id_array(sorted(coupon_ids))))
    return lambda: {f"cpn_{coupon}": bytes(index) for coupon, index in cursor.fetchall()}
