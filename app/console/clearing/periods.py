"""`/console/settlement`: periods, who owes whom in each, and how one is closed."""

from __future__ import annotations

from typing import Any

from app.console.clearing.names import surroundings
from app.console.door import console, must
from app.console.lists import listing
from app.console.places import HOME
from app.foundation.database.unit_of_work import UnitOfWork
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.settlement import closing, queries, schemas
from app.settlement.present import nets_of, page_of_spans, page_of_statements, show_period, show_span

HERE, READ, WRITE = f"{HOME}/settlement", "settlement:read", "settlement:write"


def may_write(visit: Visit) -> bool:
    """Whether somebody may close periods and publish terms."""
    return visit.principal.is_alliance and visit.principal.may(WRITE)


@console.page("/settlement")
def settlement(uow: UnitOfWork, visit: Visit) -> Handed:
    """Periods, newest first: to the alliance with what they come to, to a merchant with its statements."""
    must(visit, READ)
    asked, is_alliance = listing(HERE, schemas.PERIODS_QUERY), visit.principal.is_alliance
    page = page_of_spans(uow, asked.query)
    ids = [one["id"] for one in page["data"]]
    values = {
        "listing": asked.showing(ids, has_more=page["has_more"]),
        "periods": page["data"],
        "sums": queries.sums_of_periods(uow, ids) if is_alliance else {},
        "statements": {} if is_alliance else queries.heads_of(uow, ids),
        "is_alliance": is_alliance,
        "may_write": may_write(visit),
        "may_read_payments": is_alliance and visit.principal.may("payments:read"),
        "now": uow.now,
    }
    return WebPage("console/settlement.html", {**values, **surroundings(uow)})


@console.page("/settlement/periods/<per:period_id>")
def settlement_period(uow: UnitOfWork, visit: Visit, period_id: str) -> Handed:
    """A period: who owes whom so far, or its statements."""
    must(visit, READ)
    row = queries.find_period(uow, period_id)
    before = queries.period_of_number(uow, row.number - 1)
    values = {
        "is_alliance": visit.principal.is_alliance,
        "is_over": row.ends_at <= uow.now,
        "before": None if before is None or before.status == "closed" else show_span(before),
        "may_write": may_write(visit),
        **(_closed(uow, visit, row) if row.status == "closed" else _so_far(uow, visit, row)),
    }
    return WebPage("console/settlement_period.html", {**values, **surroundings(uow)})


def _closed(uow: UnitOfWork, visit: Visit, row: Any) -> dict[str, Any]:
    """What it came to, and the statements that came of it; to a merchant its own."""
    asked = listing(f"{HERE}/periods/{row.id}", schemas.STATEMENTS)
    page = page_of_statements(uow, row, asked.query)
    return {
        "period": show_period(uow, row) if visit.principal.is_alliance else show_span(row),
        "statements": page["data"],
        "listing": asked.showing([one["id"] for one in page["data"]], has_more=page["has_more"]),
    }


def _so_far(uow: UnitOfWork, visit: Visit, row: Any) -> dict[str, Any]:
    """What parties are owed, and owe, as far as it is known: who is owed most first, a merchant's own alone."""
    own, nets = visit.principal.merchant_id, nets_of(uow, row)
    seen = [(party, net) for party, net in nets.items() if own in (None, party.id)]
    sums = {
        "parties": len(nets),
        "pool": -sum(nets.values()),
        "owed_to_parties": sum(net for net in nets.values() if net > 0),
        "owed_by_parties": -sum(net for net in nets.values() if net < 0),
    }
    return {"period": {**show_span(row), **sums}, "nets": sorted(seen, key=lambda one: (-one[1], one[0]))}


@console.act("/settlement/periods/<per:period_id>/close", again=settlement_period, audit="settlement_period.closed")
def close_settlement_period(uow: UnitOfWork, visit: Visit, period_id: str) -> Handed:
    """Closes a period that is over, in the queue, and issues its statements."""
    must(visit, WRITE, alliance_only=True, step_up=True)
    row = closing.ask_close(uow, period_id)
    jobs = (closing.job_of(uow.district_id, row.id),) if row.status == "closing" else ()
    return Go(f"{HERE}/periods/{period_id}?told=closing", jobs=jobs)
