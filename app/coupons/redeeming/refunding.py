"""Coupons of sales that are refunded: what comes back of their discounts, and with all of a sale the coupons themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.coupons.bill.discounts import Taken
from app.coupons.bill.funding import funded_still
from app.coupons.bill.terms import FUNDERS, Funder
from app.coupons.campaigns.ends import ends_at
from app.coupons.issuing.counting import Tally
from app.coupons.redeeming import money
from app.coupons.redeeming.returning import ReturnedCoupon, give_back
from app.foundation.database.parts import Asked
from app.foundation.database.sql_arrays import id_array, number_array, text_array
from app.foundation.database.unit_of_work import Row, UnitOfWork
from app.foundation.ids import hex_of

_OF_SALES = """
    FROM redemptions AS r JOIN coupons AS c ON c.district_id = r.district_id AND c.id = r.coupon_id
    JOIN campaigns AS g ON g.district_id = r.district_id AND g.id = r.campaign_id
    WHERE r.district_id = %(district)s AND r.transaction_id = ANY(%(sales)s::uuid[])
"""
_OWNERS = f"SELECT DISTINCT c.member_id {_OF_SALES} AND c.member_id IS NOT NULL"
_LOCK = f"""
    SELECT r.transaction_id, r.id, r.coupon_id, r.campaign_id, r.merchant_id, c.member_id, r.discount_amount,
           r.discount_returned, r.taken, r.state, r.set_aside, {ends_at("c")}, c.given_back, r.district_part,
           r.merchant_part, r.government_part, g.terms -> 'funding', g.terms ->> 'on_refund' = 'return',
           g.terms ->> 'sponsor_merchant_id'
    {_OF_SALES} ORDER BY c.id, r.id FOR UPDATE OF c, r
"""
_WRITE = """
    UPDATE redemptions AS r SET discount_returned = n.returned, district_part = n.district, merchant_part = n.merchant,
        government_part = n.government, state = n.state, ended_at = CASE WHEN n.state = 'returned' THEN %(now)s::timestamptz END
    FROM unnest(%(redemptions)s::uuid[], %(returned)s::bigint[], %(by_district)s::bigint[], %(by_merchant)s::bigint[],
                %(by_government)s::bigint[], %(states)s::text[])
        AS n (id, returned, district, merchant, government, state)
    WHERE r.district_id = %(district)s AND r.id = n.id
"""


@dataclass(frozen=True, slots=True)
class CouponOfSale:
    """A coupon with which a sale was paid, locked with its redemption. Amounts in minor units.

    `discount` as it was redeemed, `taken` from which lines, `returned` of it so far; `parts`: who pays what is left.
    `member_id`: whose the coupon is now. `comes_back`: the campaign gives it back with all of a sale. `sponsor_id`: pays the
    merchant's part of it in its place.
    """

    transaction_id: str
    redemption_id: str
    coupon_id: str
    campaign_id: str
    merchant_id: str
    member_id: str | None
    discount: int
    returned: int
    taken: Taken
    state: str
    set_aside: int
    expires_at: datetime
    given_back: bool
    parts: Mapping[Funder, int]
    funding: Mapping[Funder, int]
    comes_back: bool
    sponsor_id: str | None

    def with_returned(self, returned: int, *, is_whole: bool) -> CouponOfSale:
        """The same once so much of its discount has come back, in all; `is_whole`: with all of the sale."""
        parts = funded_still(self.discount - returned, self.funding, self.parts)
        return replace(self, returned=returned, parts=parts, state="returned" if is_whole else self.state)


def owners_of_coupons(uow: UnitOfWork, sale_ids: Collection[str]) -> set[str]:
    """Members whose the coupons of sales are: lock their balances before `ask_coupons_of`."""
    rows = uow.rows(_OWNERS, _of_sales(uow, sale_ids)) if sale_ids else ()
    return {f"mem_{member}" for (member,) in rows}


def ask_coupons_of(uow: UnitOfWork, sale_ids: Collection[str]) -> Asked[dict[str, list[CouponOfSale]]]:
    """Sends the question for the coupons of sales, locked in the order of ids; call the result for them by sale."""
    if not sale_ids:
        return dict
    cursor = uow.execute(_LOCK, _of_sales(uow, sale_ids))

    def answer() -> dict[str, list[CouponOfSale]]:
        found: dict[str, list[CouponOfSale]] = {}
        for one in map(_coupon_of_sale, cursor.fetchall()):
            found.setdefault(one.transaction_id, []).append(one)
        return found

    return answer


def _of_sales(uow: UnitOfWork, sale_ids: Collection[str]) -> dict[str, object]:
    return {"district": hex_of(uow.district_id), "sales": id_array(list(sale_ids))}


def _coupon_of_sale(row: Row) -> CouponOfSale:
    sale, redemption, coupon, campaign, merchant, member, discount, returned, taken, *rest = row
    state, set_aside, expires_at, given_back, *parts, funding, comes_back, sponsor_id = rest
    return CouponOfSale(
        f"txn_{sale}",
        f"red_{redemption}",
        f"cpn_{coupon}",
        f"cam_{campaign}",
        f"mer_{merchant}",
        member and f"mem_{member}",
        discount,
        returned,
        dict(taken),
        state,
        set_aside,
        expires_at,
        given_back,
        dict(zip(FUNDERS, parts, strict=True)),
        funding,
        comes_back,
        sponsor_id,
    )


class CouponsReturned:
    """What comes back of coupons with a set of refunds. `gone`: members who have left, whose coupons end."""

    def __init__(self, uow: UnitOfWork, zone: ZoneInfo, gone: Collection[str]) -> None:
        self._uow = uow
        self._zone = zone
        self._gone = gone
        self._changed: dict[str, CouponOfSale] = {}
        self._discounts: list[tuple[str, Tally]] = []
        self._returned: list[ReturnedCoupon] = []
        self._owed: list[money.FundingChange] = []

    def add(self, before: CouponOfSale, after: CouponOfSale) -> None:
        """Notes what a refund makes of a coupon."""
        self._changed[after.redemption_id] = after
        if before.state != "rejected":  # else nobody has owed anything since
            journal = money.journal_of_return(self._uow, "coupon-refund")
            paid = before.parts, after.parts
            self._owed.append(
                money.FundingChange(journal, before.redemption_id, before.merchant_id, before.sponsor_id, *paid)
            )
        if after.state == "returned" and after.comes_back:
            self._returned.append(_returned(before, is_nobodys=before.member_id in self._gone))
        elif after.returned > before.returned:
            back = after.returned - before.returned
            self._discounts.append((after.campaign_id, Tally(discount_given=-back)))

    def write(self) -> None:
        """Sends the redemptions, the coupons that are usable again, and what is counted and told of them."""
        changed = list(self._changed.values())
        if not changed:
            return
        self._uow.write(
            _WRITE,
            {
                "redemptions": id_array([one.redemption_id for one in changed]),
                "returned": number_array([one.returned for one in changed]),
                **{f"by_{funder}": number_array([one.parts.get(funder, 0) for one in changed]) for funder in FUNDERS},
                "states": text_array([one.state for one in changed]),
            },
        )
        money.post(self._uow, self._owed)
        give_back(self._uow, self._returned, self._zone, self._discounts)


def _returned(coupon: CouponOfSale, *, is_nobodys: bool) -> ReturnedCoupon:
    return ReturnedCoupon(
        coupon.coupon_id,
        coupon.campaign_id,
        coupon.member_id,
        coupon.merchant_id,
        coupon.discount - coupon.returned,
        coupon.set_aside,
        coupon.expires_at,
        coupon.given_back,
        is_nobodys,
    )
