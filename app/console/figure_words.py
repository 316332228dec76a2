"""What figures, and what they are told apart by, are called."""

from __future__ import annotations

from app.foundation.i18n import words as _l

FIGURE_NAMES = {
    "sales.net": _l("Turnover"),
    "sales.count": _l("Number of sales"),
    "sales.basket": _l("Average sale"),
    "sales.member_net": _l("Sales by members"),
    "sales.member_count": _l("Number of sales by members"),
    "sales.member_share": _l("Members' share of sales"),
    "sales.night_share": _l("Share of sales at night"),
    "members.enrolled": _l("New members"),
    "members.left": _l("Members who left"),
    "members.last_bought": _l("Members by their last purchase"),
    "points.earned": _l("Points issued"),
    "points.spent": _l("Points spent"),
    "points.crossed": _l("Points spent at another merchant than issued them"),
    "points.crossed_share": _l("Share of points spent at another merchant"),
    "points.adjusted": _l("Points given and taken by hand"),
    "points.expired": _l("Points that ended"),
    "points.ending": _l("Points that will end"),
    "points.outstanding": _l("Points that members hold"),
    "coupons.issued": _l("Coupons issued"),
    "coupons.claimed": _l("Coupons claimed"),
    "coupons.redeemed": _l("Coupons redeemed"),
    "coupons.returned": _l("Coupons returned"),
    "coupons.sales": _l("Sales with coupons"),
    "coupons.discount": _l("Coupon discounts"),
    "coupons.leverage": _l("Sales for each yuan of discount"),
}
GROUP_NAMES = {
    "day": _l("Day"),
    "hour": _l("Hour"),
    "month": _l("Month"),
    "weekday": _l("Day of the week"),
    "hour_of_day": _l("Hour of the day"),
    "merchant": _l("Merchant"),
    "store": _l("Store"),
    "zone": _l("Zone"),
    "category": _l("Kind"),
    "campaign": _l("Campaign"),
    "issuer": _l("Issuer"),
}
MARK_NAMES = {
    "open": _l("the period is still running"),
    "provisional": _l("late sales may still come"),
    "too-few": _l("too few members' sales to be told"),
    "no-source": _l("nothing to divide by"),
}
