"""`/console/settlement/statements/…`: a statement, its lines and what they consist of, approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.console.clearing.names import REASONS, choices, surroundings
from app.console.clearing.periods import HERE, READ
from app.console.door import console, must
from app.console.lists import Listing, listing
from app.coupons.campaigns import queries as campaigns
from app.foundation.database.unit_of_work import UnitOfWork
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.settlement import queries, schemas, services
from app.settlement.present import page_of_items, show_span, show_statement
from app.transactions.refunds import queries as refunds

APPROVE = "disputes:write"
_LINE, _AFTER = "line", "starting_after"


@console.page("/settlement/statements/<stm:statement_id>")
def statement(uow: UnitOfWork, visit: Visit, statement_id: str) -> Handed:
    """A statement, and of one of its lines (`line`) what comes together in it."""
    must(visit, READ)
    shown = show_statement(uow, queries.find_statement(uow, statement_id))
    values = {
        "statement": shown,
        "period": show_span(queries.find_period(uow, shown["period_id"])),
        "is_alliance": visit.principal.is_alliance,
        "may_approve": visit.principal.may(APPROVE) and shown["status"] == "issued",
        "reason_choices": choices(REASONS),
        "campaign_names": _campaign_names(uow, shown),
        **_items(uow, visit, shown),
    }
    return WebPage("console/statement.html", {**values, **surroundings(uow)})


def _campaign_names(uow: UnitOfWork, shown: Mapping[str, Any]) -> dict[str, str]:
    named = campaigns.campaigns_by_id(uow, {one["campaign_id"] for one in shown["lines"] if one["campaign_id"]})
    return {one: row.terms["name"] for one, row in named.items()}


def _items(uow: UnitOfWork, visit: Visit, shown: Mapping[str, Any]) -> dict[str, Any]:
    """What the line that is asked for consists of, and where its sales, refunds and redemptions are."""
    asked = listing(f"{HERE}/statements/{shown['id']}", schemas.ItemsQuery())
    line = next((one for one in shown["lines"] if str(one["line"]) == asked.form.texts.get(_LINE)), None)
    if line is None:
        return {"line": None}
    page = page_of_items(uow, queries.find_statement(uow, shown["id"]), asked.query)
    return {
        "line": line,
        "items": page["data"],
        "listing": _onwards(asked, page),
        "goes_on": bool(asked.query.get(_AFTER)),
        "ways": _ways(uow, visit, page["data"], line),
    }


def _onwards(asked: Listing, page: Mapping[str, Any]) -> Listing:
    return asked.showing([one["id"] for one in page["data"]] if page["has_more"] else [], has_more=page["has_more"])


def _ways(uow: UnitOfWork, visit: Visit, found: list[dict[str, Any]], line: Mapping[str, Any]) -> dict[str, str]:
    """Pages of what items come from, by its id: of a coupon that is only sponsored nobody learns the shop."""
    sources = {one["source_id"] for one in found if one["source_id"]}
    sales = {one: one for one in sources if one.startswith("txn_")}
    sales |= {one: row.transaction_id for one, row in refunds.refunds(uow, _of(sources, "rfd_")).items()}
    ways = {one: f"/console/sales/{sale}" for one, sale in sales.items()}
    if visit.principal.is_alliance or line["kind"] == "coupon":
        ways |= {one: f"/console/redemptions/{one}" for one in _of(sources, "red_")}
    return ways


def _of(sources: set[str], prefix: str) -> list[str]:
    return [one for one in sources if one.startswith(prefix)]


@console.act("/settlement/statements/<stm:statement_id>/approve", again=statement, audit="statement.approved")
def approve_statement(uow: UnitOfWork, visit: Visit, statement_id: str) -> Handed:
    """Approves it."""
    must(visit, APPROVE)
    services.approve(uow, statement_id)
    return Go(f"{HERE}/statements/{statement_id}?told=approved")
