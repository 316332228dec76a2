"""How figures are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.insights import queries, rules
from app.insights.queries import Sums
from app.points.programme import queries as programme_queries

_NOTHING = Sums(0, 0, 0)


def show_figures(uow: UnitOfWork, code: str, first: date, last: date, by: str) -> dict[str, Any]:
    """A figure of the stores that the principal acts for, by a group, and of all of these together."""
    figure = rules.FIGURES[code]
    grouped = _grouped(uow, figure, by, first, last)
    of_all = _all_of(grouped)
    today = uow.now.astimezone(districts.ask_zone(uow)()).date()
    late = programme_queries.programme(uow).late_sale_days
    is_merchants = uow.principal.merchant_id is not None

    def show(sums: Sums, until: date) -> dict[str, Any]:
        of_members = sums.member_sales if is_merchants else None
        mark = rules.mark_of(until, today, late)
        return rules.value_of(figure, sums.above, sums.below, of_members=of_members, mark=mark)._asdict()

    keys = [key for key in rules.keys_of(by, first, min(last, today)) if key not in grouped]
    shown = {**dict.fromkeys(keys, _NOTHING), **grouped}
    return {
        "object": "figures",
        "code": code,
        "unit": figure.unit,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "by": by,
        "total": show(of_all, last),
        "data": [{"key": key, **show(shown[key], rules.end_of(by, key, last))} for key in sorted(shown)],
    }


def _grouped(uow: UnitOfWork, figure: rules.Figure, by: str, first: date, last: date) -> dict[str, Sums]:
    is_of_shops = by in ("store", "merchant", "zone", "category")
    shops = districts.open_shops(uow) if is_of_shops or uow.principal.merchant_id else []
    own = {shop.store_id for shop in shops if uow.principal.acts_for(shop.merchant_id, shop.store_id)}
    found = queries.sums(
        uow, figure, "store" if is_of_shops else by, first, last, own if uow.principal.merchant_id else None
    )
    if by in ("merchant", "zone", "category"):
        names = {"merchant": "merchant_id", "zone": "zone", "category": "category"}
        return _folded(found, {shop.store_id: getattr(shop, names[by]) or "" for shop in shops})
    return found


def _folded(found: Mapping[str, Sums], key_of: Mapping[str, str]) -> dict[str, Sums]:
    folded: dict[str, Sums] = {}
    for store_id, sums in found.items():
        key = key_of[store_id]
        folded[key] = folded[key].plus(sums) if key in folded else sums
    return folded


def _all_of(grouped: Mapping[str, Sums]) -> Sums:
    total: Sums | None = None
    for sums in grouped.values():
        total = sums if total is None else total.plus(sums)
    return total or _NOTHING
