"""How figures are shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from app.coupons.campaigns import queries as campaigns
from app.districts import queries as districts
from app.districts.queries import OpenShop
from app.foundation.clock import end_of_day, format_instant, start_of_day
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import Forbidden
from app.insights import queries, rules
from app.insights.comparing import is_silent, overview
from app.insights.queries import Sums, Trade
from app.points.programme import queries as programme_queries

_OF_SHOPS = ("store", "merchant", "zone", "category")


def show_figures(uow: UnitOfWork, code: str, first: date, last: date, by: str) -> dict[str, Any]:
    """A figure of what the principal acts for, by a group that it has, and of all of these together.

    Raises Forbidden where a merchant asks for what is the alliance's.
    """
    figure = rules.FIGURES[code]
    source = figure.source_by(by)
    assert source is not None, f"{code} isn't told apart by {by}"
    is_merchants = uow.principal.merchant_id is not None
    if is_merchants and source not in rules.OF_MERCHANTS:
        raise Forbidden(_l("This figure is the alliance's."))
    zone = districts.ask_zone(uow)()
    grouped = _grouped(uow, figure, source, by, first, last, zone)
    today = uow.now.astimezone(zone).date()
    late = programme_queries.programme(uow).late_sale_days if source == "stores" else 0
    nothing = Sums(0, None if figure.sources[source].below is None else 0, 0)

    def show(sums: Sums, until: date) -> dict[str, Any]:
        of_members = sums.member_sales if is_merchants else None
        mark = rules.mark_of(until, today, late)
        return rules.value_of(figure, sums.above, sums.below, of_members=of_members, mark=mark)._asdict()

    shown = {**dict.fromkeys(rules.keys_of(by, first, min(last, today)), nothing), **grouped}
    if source == "held":
        shown = _held(uow, shown, first)
    total = (shown[max(shown)] if shown else nothing) if source == "held" else _all_of(grouped, nothing)
    return {
        "object": "figures",
        "code": code,
        "unit": figure.unit,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "by": by,
        "total": show(total, last),
        "data": [{"key": key, **show(shown[key], rules.end_of(by, key, last))} for key in sorted(shown)],
    }


def show_now(uow: UnitOfWork, days: int) -> dict[str, Any]:
    """What the principal's shops sold in the last days up to now, beside what they had until the same minute before."""
    zone = districts.ask_zone(uow)()
    seen = overview(uow, zone, days, _own_stores(uow, districts.open_shops(uow)))
    before = seen.first - (seen.now.date() - seen.then.date())
    late = programme_queries.programme(uow).late_sale_days
    marks = ("open", rules.mark_of(seen.then.date(), seen.now.date(), late))
    trades = (seen.trade, seen.trade_then)
    joined = [
        rules.value_of(rules.FIGURES[rules.ENROLLED], count, None, of_members=None, mark=mark)
        for count, mark in zip((seen.joined, seen.joined_then), ("open", "ok"), strict=True)
    ]
    is_merchants = uow.principal.merchant_id is not None
    compared = {
        code: [_traded(code, *one, is_merchants=is_merchants) for one in zip(trades, marks, strict=True)]
        for code in rules.NOW
    }
    return {
        "object": "figures_now",
        "from": seen.first.isoformat(),
        "until": format_instant(seen.now),
        "compared_from": before.isoformat(),
        "compared_until": format_instant(seen.then),
        "data": [
            {"code": code, "unit": rules.FIGURES[code].unit, "now": now._asdict(), "before": then._asdict()}
            for code, (now, then) in {**compared, rules.ENROLLED: joined}.items()
        ],
    }


def _traded(code: str, trade: Trade, mark: str, *, is_merchants: bool) -> rules.Value:
    above, below = rules.NOW[code]
    return rules.value_of(
        rules.FIGURES[code],
        getattr(trade, above),
        getattr(trade, below) if below else None,
        of_members=trade.member_sales if is_merchants else None,
        mark=mark,
    )


def show_silent(uow: UnitOfWork, hours: int) -> dict[str, Any]:
    """The principal's shops that have sold before, but not for some hours."""
    shops = districts.open_shops(uow)
    last = queries.last_sales(uow, _own_stores(uow, shops))
    silent = [(at, shop) for shop in shops if (at := last.get(shop.store_id)) and is_silent(at, uow.now, hours)]
    return {
        "object": "silent_shops",
        "hours": hours,
        "data": [
            {
                "store_id": shop.store_id,
                "merchant_id": shop.merchant_id,
                "name": shop.name,
                "last_sale_at": format_instant(at),
            }
            for at, shop in sorted(silent, key=lambda one: (one[0], one[1].store_id))
        ],
    }


def _grouped(
    uow: UnitOfWork, figure: rules.Figure, source: str, by: str, first: date, last: date, zone: ZoneInfo
) -> dict[str, Sums]:
    if source == "ends":
        return _ending(uow, by, first, last, zone)
    is_own = uow.principal.merchant_id is not None
    if source != "stores":
        own = campaigns.own_ids(uow) if is_own else None
        return queries.sums(uow, figure, source, by, first, last, own)
    shops = districts.open_shops(uow) if by in _OF_SHOPS or is_own else []
    stores = _own_stores(uow, shops) if is_own else None
    found = queries.sums(uow, figure, source, "store" if by in _OF_SHOPS else by, first, last, stores)
    if by in ("merchant", "zone", "category"):
        names = {"merchant": "merchant_id", "zone": "zone", "category": "category"}
        return _folded(found, {shop.store_id: getattr(shop, names[by]) or "" for shop in shops})
    return found


def _own_stores(uow: UnitOfWork, shops: Collection[OpenShop]) -> set[str]:
    return {shop.store_id for shop in shops if uow.principal.acts_for(shop.merchant_id, shop.store_id)}


def _folded(found: Mapping[str, Sums], key_of: Mapping[str, str]) -> dict[str, Sums]:
    folded: dict[str, Sums] = {}
    for key, sums in found.items():
        group = key_of[key]
        folded[group] = folded[group].plus(sums) if group in folded else sums
    return folded


def _ending(uow: UnitOfWork, by: str, first: date, last: date, zone: ZoneInfo) -> dict[str, Sums]:
    """Points by the last local day on which they can be used."""
    found = queries.ending(uow, start_of_day(first, zone), end_of_day(last, zone))
    days = [((ends_at - timedelta(microseconds=1)).astimezone(zone).date(), points) for ends_at, points in found]
    by_day = _folded_days(days)
    return _folded(by_day, {day: rules.key_of(by, date.fromisoformat(day)) for day in by_day})


def _folded_days(days: Collection[tuple[date, int]]) -> dict[str, Sums]:
    folded = dict.fromkeys((day.isoformat() for day, _ in days), 0)
    for day, points in days:
        folded[day.isoformat()] += points
    return {day: Sums(points, None, 0) for day, points in folded.items()}


def _held(uow: UnitOfWork, changes: Mapping[str, Sums], first: date) -> dict[str, Sums]:
    """What was there at the end of each period, by what was changed in it."""
    keys = sorted(changes)
    held = accumulate((changes[key].above for key in keys), initial=queries.held_before(uow, first))
    next(held)
    return {key: Sums(points, None, 0) for key, points in zip(keys, held, strict=True)}


def _all_of(grouped: Mapping[str, Sums], nothing: Sums) -> Sums:
    total: Sums | None = None
    for sums in grouped.values():
        total = sums if total is None else total.plus(sums)
    return total or nothing
