"""`/console/`: today against the same day of last week until the same minute, what to look at, and the shops."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from app.console.door import console, must
from app.console.places import HOME
from app.coupons.campaigns import queries as campaigns
from app.coupons.campaigns.queries import Stocked
from app.districts import queries as districts
from app.districts.queries import OpenShop
from app.foundation.clock import end_of_day
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.insights import queries
from app.insights.comparing import DAYS_DRAWN, SILENT_AFTER_HOURS, SPANS, Overview, is_silent, overview
from app.insights.queries import Trade
from app.insights.rules import LEAST_OF_MEMBERS
from app.pages import formats
from app.pages.doors import Visit
from app.pages.outcomes import Handed, WebPage
from app.settlement import queries as settlement
from app.settlement.present import show_span
from app.settlement.queries import StatementHead
from app.staff import queries as staff

SOON = timedelta(days=7)
NEARLY_OUT = 0.8
"""Of its stock a campaign has issued so much when it is told of."""
_MOST_SHOPS, _MOST_CAMPAIGNS, _POINTS_OF_LINE = 50, 3, 7
_ORDERS: Mapping[str, Words] = {
    "sales": _l("Most sales first"),
    "points": _l("Most points first"),
    "name": _l("By name"),
}


class Stat(NamedTuple):
    """A figure of the first row: its value (None: too few to be told), what it was then, its last days, and its list."""

    name: Words
    value: int | None
    then: int | None
    unit: str
    line: Sequence[int]
    to: str


class ShopRow(NamedTuple):
    """A shop of the table; `net`: of members' sales, None where they are too few to be told."""

    shop: OpenShop
    trade: Trade
    net: int | None
    last: datetime | None
    is_silent: bool


@console.page("/")
def home(uow: UnitOfWork, visit: Visit) -> Handed:
    """What goes on, for who may see figures; where to go for others."""
    must(visit, "")
    if visit.principal.kind == "operator" or not visit.principal.may("figures:read"):
        role = staff.find_staff(uow, visit.principal.id).role
        return WebPage("console/welcome.html", {"role": role, "page_name": "console-home"})
    zone = ZoneInfo(districts.district(uow).time_zone)
    over = next((span for span in SPANS if visit.asked("over") == str(span)), SPANS[0])
    shops = [one for one in districts.open_shops(uow) if visit.principal.acts_for(one.merchant_id, one.store_id)]
    seen = overview(uow, zone, over, [one.store_id for one in shops])
    rows = _rows(uow, visit, shops, seen)
    found = _found(rows, visit)
    values = {
        "over": over,
        "spans": SPANS,
        "seen": seen,
        "zone": zone.key,
        "stats": _stats(visit, seen, over),
        "drawn": _drawn(seen),
        "silent_hours": SILENT_AFTER_HOURS,
        "silent": [one for one in rows if one.is_silent],
        "soon": (seen.now + SOON).date() - timedelta(days=1),
        "ending": _ending(uow, zone) if visit.principal.is_alliance else 0,
        "to_close": _to_close(uow, visit),
        "to_approve": _to_approve(uow, visit),
        "campaigns": _nearly_out(uow) if visit.principal.may("campaigns:read") else [],
        "shops": found[:_MOST_SHOPS],
        "found": len(found),
        "all": len(rows),
        "asked": {"q": visit.asked("q"), "silent": visit.asked("silent"), "sort": _order(visit)},
        "orders": _ORDERS,
    }
    return WebPage("console/home.html", values)


def _is_told(visit: Visit, trade: Trade) -> bool:
    """Whether a merchant may know what its members' sales come to."""
    return visit.principal.merchant_id is None or trade.member_sales not in range(1, LEAST_OF_MEMBERS)


def _stats(visit: Visit, seen: Overview, over: int) -> list[Stat]:
    trade, then = seen.trade, seen.trade_then
    lines = _line(seen, max(over, _POINTS_OF_LINE))
    told, told_then = (trade if _is_told(visit, trade) else None), (then if _is_told(visit, then) else None)
    days = {"from": seen.first.isoformat(), "to": seen.now.date().isoformat()}
    sold = {"occurred_from": days["from"], "occurred_to": days["to"]}
    joined = [seen.joined_days.get(day, 0) for day in lines] if seen.joined_days is not None else []
    is_all_told = all(_is_told(visit, one) for one in lines.values())

    def figure(code: str) -> str:
        return f"{HOME}/figures?{urlencode({'code': code, 'by': 'merchant', **days})}"

    return [
        Stat(
            _l("Sales by members"),
            told and told.member_net_amount,
            told_then and told_then.member_net_amount,
            "minor",
            [one.member_net_amount for one in lines.values()] if is_all_told else [],
            _open(visit, "transactions:read", f"{HOME}/sales?{urlencode(sold)}"),
        ),
        Stat(
            _l("New members"),
            seen.joined,
            seen.joined_then,
            "count",
            joined,
            _open(visit, "members:read", f"{HOME}/members"),
        ),
        *(
            Stat(
                name,
                getattr(trade, field),
                getattr(then, field),
                unit,
                [getattr(one, field) for one in lines.values()],
                figure(code),
            )
            for name, field, unit, code in (
                (_l("Points issued"), "points_earned", "points", "points.earned"),
                (_l("Points spent"), "points_spent", "points", "points.spent"),
                (_l("Coupons redeemed"), "coupons_redeemed", "count", "coupons.redeemed"),
            )
        ),
    ]


def _open(visit: Visit, scope: str, to: str) -> str:
    return to if visit.principal.may(scope) else ""


def _line(seen: Overview, days: int) -> dict[date, Trade]:
    today = seen.now.date()
    past = (today - timedelta(days=back) for back in range(days - 1, -1, -1))
    return {day: seen.days.get(day, Trade()) for day in past}


def _drawn(seen: Overview) -> list[tuple[str, list[int]]]:
    """Points of the last days, for the chart."""
    today = seen.now.date()
    days = _line(seen, DAYS_DRAWN).items()
    return [(formats.day(day, today=today), [one.points_earned, one.points_spent]) for day, one in days]


def _rows(uow: UnitOfWork, visit: Visit, shops: Sequence[OpenShop], seen: Overview) -> list[ShopRow]:
    last = queries.last_sales(uow, [one.store_id for one in shops])
    rows = []
    for shop in shops:
        trade, at = seen.by_store.get(shop.store_id, Trade()), last[shop.store_id]
        net = trade.member_net_amount if _is_told(visit, trade) else None
        rows.append(ShopRow(shop, trade, net, at, is_silent(at, uow.now)))
    return rows


def _order(visit: Visit) -> str:
    return visit.asked("sort") if visit.asked("sort") in _ORDERS else "sales"


def _found(rows: Iterable[ShopRow], visit: Visit) -> list[ShopRow]:
    words, order = visit.asked("q").casefold(), _order(visit)
    found = [
        one
        for one in rows
        if words in f"{one.shop.merchant} {one.shop.name} {one.shop.code}".casefold()
        and (one.is_silent or not visit.asked("silent"))
    ]
    if order == "name":
        return sorted(found, key=lambda one: (one.shop.merchant, one.shop.name))
    return sorted(found, key=lambda one: (-_weight(one, order), one.shop.merchant, one.shop.name))


def _weight(row: ShopRow, order: str) -> int:
    return row.trade.points_earned if order == "points" else row.net or 0


def _ending(uow: UnitOfWork, zone: ZoneInfo) -> int:
    """Points that members hold and that end soon."""
    until = end_of_day((uow.now + SOON).astimezone(zone).date() - timedelta(days=1), zone)
    return sum(points for _, points in queries.ending(uow, uow.now, until))


def _to_close(uow: UnitOfWork, visit: Visit) -> Mapping[str, Any] | None:
    """The period of settlement that is over and waits for being closed, for who may do so."""
    if not (visit.principal.is_alliance and visit.principal.may("settlement:write")):
        return None
    row = settlement.first_not_closed(uow)
    return show_span(row) if row is not None and row.status == "open" and row.ends_at <= uow.now else None


def _to_approve(uow: UnitOfWork, visit: Visit) -> list[StatementHead]:
    """A merchant's statements that silence would approve."""
    own = visit.principal.merchant_id is not None and visit.principal.may("disputes:write")
    return settlement.waiting(uow) if own else []


def _nearly_out(uow: UnitOfWork) -> list[Stocked]:
    """Campaigns that run and have issued most of their stock, those with the least left first."""
    nearly = [one for one in campaigns.stocked(uow) if one.issued >= NEARLY_OUT * one.stock]
    return sorted(nearly, key=lambda one: -one.issued / one.stock)[:_MOST_CAMPAIGNS]
