"""The registry of figures, and what is said of a value: pure.

A figure is a sum, or a sum over a sum, of columns of a table of sums; formulas are those of docs/figures.en.md. A value keeps
its numerator and denominator, and a mark of how far it can be relied on. What isn't known is never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

NIGHT = "net_amount * (hour >= 18 OR hour < 6)::integer"
LEAST_OF_MEMBERS = 10
"""Under so many of members' sales a merchant isn't told what is theirs."""
MARKS = ("ok", "open", "provisional", "too-few", "no-source")
_SPANS = ("day", "month", "weekday")
GROUPS = {
    "stores": ("hour", *_SPANS, "hour_of_day", "store", "merchant", "zone", "category"),
    "campaigns": (*_SPANS, "campaign"),
    "flows": (*_SPANS, "merchant", "issuer"),
    "days": _SPANS,
    "members": _SPANS,
    "ends": _SPANS,
    "held": ("day", "month"),
}
"""By what figures of a source are told apart."""
ALL_GROUPS = tuple(dict.fromkeys(group for groups in GROUPS.values() for group in groups))
OF_MERCHANTS = ("stores", "campaigns")
"""Sources of which merchants see what is their own; of the others nothing."""
_FOREIGN = "points * (issuer_id <> accepted_by AND issuer_id <> district_id)::integer"


class Sum(NamedTuple):
    """What is summed, in SQL over a row of a source; a sum alone has no `below`."""

    above: str
    below: str | None = None


class Figure(NamedTuple):
    """A figure by where it comes from: of the first source that tells it apart by what is asked for.

    `is_of_members`: says something of members, which merchants aren't told of few.
    """

    unit: str
    sources: Mapping[str, Sum]
    is_of_members: bool = False

    def source_by(self, by: str) -> str | None:
        """The source that tells it apart by a group; None where nothing does."""
        return next((source for source in self.sources if by in GROUPS[source]), None)


def _of_stores(unit: str, above: str, below: str | None = None, **more: bool) -> Figure:
    return Figure(unit, {"stores": Sum(above, below)}, **more)


def _of(source: str, unit: str, above: str, below: str | None = None) -> Figure:
    return Figure(unit, {source: Sum(above, below)})


FIGURES = {
    "sales.count": _of_stores("count", "sales"),
    "sales.net": _of_stores("minor", "net_amount"),
    "sales.basket": _of_stores("minor", "net_amount", "sales"),
    "sales.member_count": _of_stores("count", "member_sales", is_of_members=True),
    "sales.member_net": _of_stores("minor", "member_net_amount", is_of_members=True),
    "sales.member_share": _of_stores("share", "member_net_amount", "net_amount", is_of_members=True),
    "sales.night_share": _of_stores("share", NIGHT, "net_amount"),
    "members.enrolled": _of("days", "count", "enrolled"),
    "members.left": _of("days", "count", "erased"),
    "members.last_bought": _of("members", "count", "1"),
    "points.earned": _of_stores("points", "points_earned"),
    "points.spent": _of_stores("points", "points_spent"),
    "points.crossed": _of("flows", "points", _FOREIGN),
    "points.crossed_share": _of("flows", "share", _FOREIGN, "points"),
    "points.adjusted": _of("days", "points", "points_adjusted"),
    "points.expired": _of("days", "points", "points_expired"),
    "points.ending": _of("ends", "points", "points"),
    "points.outstanding": _of("held", "points", "points_change"),
    "coupons.issued": _of("campaigns", "count", "issued"),
    "coupons.claimed": _of("campaigns", "count", "claimed"),
    "coupons.redeemed": Figure("count", {"stores": Sum("coupons_redeemed"), "campaigns": Sum("redeemed - returned")}),
    "coupons.returned": _of("campaigns", "count", "returned"),
    "coupons.sales": Figure("count", {"stores": Sum("coupon_sales"), "campaigns": Sum("sales")}),
    "coupons.discount": Figure("minor", {"stores": Sum("discount_amount"), "campaigns": Sum("discount_amount")}),
    "coupons.leverage": Figure(
        "ratio",
        {
            "stores": Sum("coupon_bill_amount", "discount_amount"),
            "campaigns": Sum("bill_amount", "discount_amount"),
        },
    ),
}
ENROLLED = "members.enrolled"
NOW = {
    "sales.count": ("sales", None),
    "sales.net": ("net_amount", None),
    "sales.basket": ("net_amount", "sales"),
    "sales.member_count": ("member_sales", None),
    "sales.member_net": ("member_net_amount", None),
    "sales.member_share": ("member_net_amount", "net_amount"),
    "points.earned": ("points_earned", None),
    "points.spent": ("points_spent", None),
    "coupons.redeemed": ("coupons_redeemed", None),
}
"""Figures of stores that are compared with an earlier day until the same minute: what is summed over what."""
PERIODS = ("hour", "day", "month")
"""Groups that are spans of time of their own; a value of any other is of the whole span that is asked for."""
MOST_DAYS = {"hour": 31}
MOST_DAYS_OTHERWISE = 1_100


class Value(NamedTuple):
    """Of a figure: a sum, or numerator over denominator, to four places; None where the mark says why."""

    value: float | int | None
    numerator: int | None
    denominator: int | None
    mark: str


def value_of(figure: Figure, above: int, below: int | None, *, of_members: int | None, mark: str) -> Value:
    """A value by its sums, `below` None for a sum alone.

    `of_members`: of how many of members' sales a merchant would be told; None for the alliance.
    """
    if figure.is_of_members and of_members is not None and 0 < of_members < LEAST_OF_MEMBERS:
        return Value(None, None, None, "too-few")
    if below is None:
        return Value(above, above, None, mark)
    if not below:
        return Value(None, above, below, "no-source")
    return Value(round(above / below, 4), above, below, mark)


def mark_of(last: date, today: date, late_sale_days: int | None) -> str:
    """How far figures of a span that ends with a local day can be relied on.

    Sales may come late by so many days; where that has no end (None), nothing is called provisional for ever.
    """
    if last >= today:
        return "open"
    return "provisional" if last + timedelta(days=late_sale_days or 0) >= today else "ok"


def end_of(by: str, key: str, last: date) -> date:
    """The last local day of a group, by its key: of a period its own, else of the span that is asked for."""
    if by in ("hour", "day"):
        return date.fromisoformat(key[:10])
    if by == "month":
        first = date.fromisoformat(f"{key}-01")
        return min(last, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    return last


def key_of(by: str, day: date) -> str:
    """The key of a local day in days, months or days of the week."""
    return {"day": day.isoformat(), "month": day.isoformat()[:7], "weekday": str(day.isoweekday())}[by]


def keys_of(by: str, first: date, last: date) -> list[str]:
    """The keys of all periods of a span, so that none is missing for having nothing; none for other groups."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if by == "hour":
        return [f"{day.isoformat()}T{hour:02}" for day in days for hour in range(24)]
    if by == "day":
        return [day.isoformat() for day in days]
    return sorted({day.isoformat()[:7] for day in days}) if by == "month" else []
