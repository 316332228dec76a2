"""`/console/settlement/terms`: what points cost and bring, version by version, and what the next one would change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from app.console.clearing.example import example_of
from app.console.clearing.names import surroundings
from app.console.clearing.periods import HERE, READ, WRITE, may_write
from app.console.door import console, must
from app.console.lists import listing
from app.console.seen import check_seen, print_of
from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.pages import forms
from app.pages.doors import Visit
from app.pages.forms import Form, Texts
from app.pages.outcomes import Go, Handed, WebPage
from app.pages.readers import count, fen, yuan
from app.settlement import queries, schemas, terms
from app.settlement.present import page_of_terms, show_terms
from app.settlement.rules import next_boundary

_BODY = schemas.TermsBody()
_COUNTS = ("breakage_share", "dispute_days", "payment_days", "exit_days")
_SHOWN = (
    "effective_from",
    "period",
    "issue_price",
    "redemption_price",
    "own_points",
    "breakage_share",
    "least_payment",
    "dispute_days",
    "payment_days",
    "exit_days",
)
_BLANK_ROWS = 2
"""Of prices for some merchants, to spare."""


@console.page("/settlement/terms")
def settlement_terms(uow: UnitOfWork, visit: Visit) -> Handed:
    """The versions, newest first."""
    must(visit, READ, alliance_only=True)
    asked = listing(f"{HERE}/terms", schemas.TERMS)
    page = page_of_terms(uow, asked.query)
    values = {
        "listing": asked.showing([one["id"] for one in page["data"]], has_more=page["has_more"]),
        "versions": page["data"],
        "may_write": may_write(visit),
    }
    return WebPage("console/settlement_terms.html", {**values, **surroundings(uow)})


@console.page("/settlement/terms/new")
def next_terms(uow: UnitOfWork, visit: Visit, body: Mapping[str, Any] | None = None) -> Handed:
    """The next version, as the last one is until something else is said. `body`: what was said, to be looked at."""
    must(visit, WRITE, alliance_only=True, step_up=True)
    last = _last(uow)
    form = visit.form if visit.form.texts else Form(_beginning(uow, last))
    values = {
        "form": form,
        "last": last,
        "seen": print_of(last or {}),
        "rows": min(schemas.MOST_OVERRIDES, _rows(form.texts) + _BLANK_ROWS),
        "changes": _changes(last, _plain(body)) if body else None,
        "steps": list(zip(example_of(body), example_of(last or body), strict=True)) if body else [],
    }
    return WebPage("console/terms_new.html", {**values, **surroundings(uow)})


def _last(uow: UnitOfWork) -> dict[str, Any] | None:
    rows = queries.versions(uow)
    return show_terms(uow, rows[-1]) if rows else None


def _beginning(uow: UnitOfWork, last: Mapping[str, Any] | None) -> Texts:
    """The last version from the next period on; before there is one, what the API takes for unsaid, from this month on."""
    today = uow.now.astimezone(ZoneInfo(districts.district(uow).time_zone)).date()
    if last is None:
        known = {
            name: one.load_default for name, one in _BODY.fields.items() if name != "overrides" and not one.required
        }
        return forms.texts_of(_BODY, {**known, "effective_from": today.replace(day=1)}, {"least_payment": yuan})
    after = max(today, date.fromisoformat(last["effective_from"]))
    begins = {"effective_from": next_boundary(after, last["period"])}
    return forms.texts_of(_BODY, {**last, **begins}, {"least_payment": yuan})


def _rows(texts: Texts) -> int:
    return sum(name.startswith("overrides.") and name.endswith(".merchant_id") for name in texts)


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a form says, as versions are shown."""
    said = {name: str(value) if name.endswith(("price", "from")) else value for name, value in body.items()}
    prices = ("issue_price", "redemption_price")
    others = [
        {"merchant_id": one["merchant_id"], **{name: str(one[name]) for name in prices}} for one in body["overrides"]
    ]
    return {**said, "overrides": sorted(others, key=lambda one: one["merchant_id"])}


def _changes(last: Mapping[str, Any] | None, said: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What is said otherwise, by field: as it is, and as it will be. Prices of merchants by `overrides.<id>`."""
    if last is None:
        return {name: (None, said[name]) for name in _SHOWN} | _other_prices({}, said)
    fields = {name: (last[name], said[name]) for name in _SHOWN if last[name] != said[name]}
    return fields | _other_prices(last, said)


def _other_prices(last: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    before, after = (
        {one["merchant_id"]: (one["issue_price"], one["redemption_price"]) for one in shown.get("overrides", ())}
        for shown in (last, said)
    )
    return {one: (before.get(one), after.get(one)) for one in before | after if before.get(one) != after.get(one)}


@console.act("/settlement/terms/new", again=next_terms)
def publish_terms(uow: UnitOfWork, visit: Visit) -> Handed:
    """Shows what the next version changes, and in an example what it brings; or adds it."""
    must(visit, WRITE, alliance_only=True, step_up=True)
    readers = {"least_payment": fen, **dict.fromkeys(_COUNTS, count)}
    body = forms.read(_BODY, visit.form.texts, readers)
    if "publish" not in visit.form.texts:
        return next_terms(uow, visit, body)
    check_seen(visit, _last(uow) or {})
    shown = show_terms(uow, terms.publish(uow, **body))
    told = {name: shown[name] for name in ("version", "effective_from", "issue_price", "redemption_price")}
    audit.record(uow, "settlement_terms.published", shown["id"], told)
    return Go(f"{HERE}/terms?told=published")
