"""The registry of figures, and what is said of a value: pure.

A figure is a sum, or a sum over a sum, of columns of `store_hours`; formulas are those of docs/figures.en.md. A value keeps its
numerator and denominator, and a mark of how far it can be relied on. What isn't known is never 0.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

NIGHT = "net_amount * (hour >= 18 OR hour < 6)::integer"
LEAST_OF_MEMBERS = 10
"""Under so many of members' sales a merchant isn't told what is theirs."""
MARKS = ("ok", "open", "provisional", "too-few", "no-source")


class Figure(NamedTuple):
    """`above` and `below`: what is summed, in SQL over a row of a store's hour; a sum alone has no `below`.

    `is_of_members`: says something of members, which merchants aren't told of few.
    """

    unit: str
    above: str
    below: str | None = None
    is_of_members: bool = False


FIGURES = {
    "sales.count": Figure("count", "sales"),
    "sales.net": Figure("minor", "net_amount"),
    "sales.basket": Figure("minor", "net_amount", "sales"),
    "sales.member_count": Figure("count", "member_sales", is_of_members=True),
    "sales.member_net": Figure("minor", "member_net_amount", is_of_members=True),
    "sales.member_share": Figure("share", "member_net_amount", "net_amount", is_of_members=True),
    "sales.night_share": Figure("share", NIGHT, "net_amount"),
    "points.earned": Figure("points", "points_earned"),
    "points.spent": Figure("points", "points_spent"),
    "coupons.sales": Figure("count", "coupon_sales"),
    "coupons.discount": Figure("minor", "discount_amount"),
    "coupons.leverage": Figure("ratio", "coupon_bill_amount", "discount_amount"),
}
GROUPS = ("hour", "day", "month", "weekday", "hour_of_day", "store", "merchant", "zone", "category")
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
    """A value by its sums. `of_members`: of how many of members' sales a merchant would be told; None for the alliance."""
    if figure.is_of_members and of_members is not None and 0 < of_members < LEAST_OF_MEMBERS:
        return Value(None, None, None, "too-few")
    if figure.below is None:
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


def keys_of(by: str, first: date, last: date) -> list[str]:
    """The keys of all periods of a span, so that none is missing for having nothing; none for other groups."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if by == "hour":
        return [f"{day.isoformat()}T{hour:02}" for day in days for hour in range(24)]
    if by == "day":
        return [day.isoformat() for day in days]
    return sorted({day.isoformat()[:7] for day in days}) if by == "month" else []
