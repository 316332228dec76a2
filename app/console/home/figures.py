"""`/console/figures`: any figure of the registry, by period, shop or kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import request
from werkzeug.datastructures import MultiDict

from app.console.door import console, must
from app.console.figure_words import FIGURE_NAMES, GROUP_NAMES, MARK_NAMES
from app.console.places import HOME
from app.coupons.campaigns import queries as campaigns
from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.validation import load
from app.foundation.i18n import said
from app.foundation.i18n import words as _l
from app.foundation.problems import ValidationFailed
from app.foundation.tenancy import Principal
from app.insights.present import show_figures
from app.insights.rules import FIGURES, GROUPS, OF_MERCHANTS, PERIODS
from app.insights.schemas import FiguresQuery
from app.pages import formats
from app.pages.doors import Visit
from app.pages.forms import Form
from app.pages.outcomes import Handed, WebPage
from app.pages.shop_words import KINDS, ZONES

HERE = f"{HOME}/figures"
_DAYS_SHOWN = 28
_NAMED = ("merchant", "store", "zone", "category", "campaign", "issuer")
_SCHEMA = FiguresQuery()


@console.page("/figures")
def figures(uow: UnitOfWork, visit: Visit) -> Handed:
    """A figure by a group, drawn; of one's own shops."""
    must(visit, "figures:read")
    today = uow.now.astimezone(ZoneInfo(districts.district(uow).time_zone)).date()
    form, asked = _asked(today, _open_to(visit.principal))
    shown = show_figures(uow, asked["code"], asked["from"], asked["to"], asked["by"])
    words = _words_of(uow, asked["by"], today)
    values = {
        "form": form,
        "shown": shown,
        "rows": [(words(one["key"]), [one["value"]]) for one in _ordered(shown)],
        "kind": "lines" if asked["by"] in PERIODS else "bars" if asked["by"] in _NAMED else "columns",
        "is_foreign": asked["by"] in _NAMED,
        "figure_names": {code: FIGURE_NAMES[code] for code in _open_to(visit.principal)},
        "group_names": GROUP_NAMES,
        "mark": MARK_NAMES.get(shown["total"]["mark"]),
        "export": f"{HOME}/exports/new?{urlencode({'of': 'figures', **asked})}",
    }
    return WebPage("console/figures.html", values)


def _open_to(principal: Principal) -> list[str]:
    """Codes of figures that somebody may see."""
    sources = GROUPS if principal.merchant_id is None else OF_MERCHANTS
    return [code for code in FIGURE_NAMES if not set(FIGURES[code].sources).isdisjoint(sources)]


def _asked(today: date, codes: Collection[str]) -> tuple[Form, Mapping[str, Any]]:
    """What the address asks for; the last weeks' sales by day where it says nothing, or what can't be."""
    usual = {"code": "sales.net", "from": str(today - timedelta(days=_DAYS_SHOWN - 1)), "to": str(today), "by": "day"}
    sent = {name: text.strip() for name, text in request.args.items() if name in usual and text.strip()}
    wanted = {**usual, **sent}
    if wanted["code"] not in codes:
        wanted["code"] = usual["code"]
    if FIGURES[wanted["code"]].source_by(wanted["by"]) is None:
        wanted["by"] = usual["by"]
    try:
        return Form(MultiDict(wanted)), load(_SCHEMA, wanted)
    except ValidationFailed as error:
        return Form(MultiDict(wanted), error), load(_SCHEMA, usual)


def _ordered(shown: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Periods as they follow each other, what has a name by what is its own, the most first."""
    rows: list[dict[str, Any]] = shown["data"]
    if shown["by"] not in _NAMED:
        return rows
    return sorted(rows, key=lambda one: (one["value"] is None, -(one["value"] or 0), one["key"]))


def _words_of(uow: UnitOfWork, by: str, today: date) -> Callable[[str], str]:
    """What the groups of a figure are called, by their keys."""
    if by in ("merchant", "issuer"):
        return {**districts.merchant_names(uow), "district": said(_l("The alliance"))}.__getitem__
    if by == "campaign":
        return campaigns.names(uow).__getitem__
    if by == "store":
        return {shop.store_id: f"{shop.merchant} {shop.name}" for shop in districts.open_shops(uow)}.__getitem__
    if by in ("zone", "category"):
        known = ZONES if by == "zone" else KINDS
        return lambda key: said(known[key]) if key in known else key or "–"
    if by == "weekday":
        return lambda key: formats.weekdays([int(key)])
    if by == "day":
        return lambda key: formats.day(date.fromisoformat(key), today=today)
    return lambda key: f"{key}:00" if "hour" in by else key
