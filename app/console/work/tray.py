"""`/console/work`: all that takes long in one place, under way or over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.console.around import around
from app.console.door import console, must
from app.console.places import HOME
from app.console.work.words import KINDS
from app.coupons.bulk import queries as bulk
from app.coupons.giving import queries as giving
from app.exports.lists import LISTS
from app.exports.present import page_of_exports
from app.foundation.clock import parse_instant
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.imports.present import page_of_imports
from app.pages import formats
from app.pages.doors import Visit
from app.pages.outcomes import Handed, WebPage
from app.settlement import queries as settlement
from app.transactions.replays import queries as replays

READ, MOST = "transactions:read", 20
OPEN = ("queued", "reading", "running", "undoing")


@dataclass(frozen=True, slots=True)
class LongWork:
    """Something that takes long: what it is, how far, since when, and where its page is.

    `total`: None where nobody knows; `stop`: where a form stops it, for who may.
    """

    kind: Words
    name: str
    status: str
    done: int
    total: int | None
    since: datetime
    to: str
    stop: str = ""

    @property
    def goes_on(self) -> bool:
        """Whether it is under way."""
        return self.status in OPEN

    @property
    def can_stop(self) -> bool:
        """Whether it may be stopped now: what is being taken back is taken back whole."""
        return bool(self.stop) and self.goes_on and self.status != "undoing"


@console.page("/work")
def work(uow: UnitOfWork, visit: Visit) -> Handed:
    """What is under way, and what was, the newest first."""
    must(visit, READ)
    found = [*_imports(uow, visit), *_exports(uow), *_of_the_alliance(uow, visit)]
    errands = sorted(found, key=lambda one: (one.goes_on, one.since), reverse=True)
    values = {"errands": errands[: 2 * MOST], "goes_on": any(one.goes_on for one in errands)}
    return WebPage("console/work.html", {**values, **around(uow)})


def _imports(uow: UnitOfWork, visit: Visit) -> Iterator[LongWork]:
    if not visit.principal.may("transactions:write"):
        return
    for one in page_of_imports(uow, {"limit": MOST})["data"]:
        name, progress = one["file_name"] or KINDS[one["kind"]], one["progress"]
        since, to = parse_instant(one["created_at"]), f"{HOME}/imports/{one['id']}"
        figures = one["status"], progress["done"], progress["total"], since
        yield LongWork(_l("Import"), name, *figures, to, f"{to}/cancel")


def _exports(uow: UnitOfWork) -> Iterator[LongWork]:
    for one in page_of_exports(uow, {"limit": MOST})["data"]:
        since = parse_instant(one["created_at"])
        figures, here = (one["status"], one["rows"], None, since), f"{HOME}/exports"
        yield LongWork(_l("Export"), LISTS[one["list"]].name, *figures, here, f"{here}/{one['id']}/cancel")


def _of_the_alliance(uow: UnitOfWork, visit: Visit) -> Iterator[LongWork]:
    if not visit.principal.is_alliance:
        return
    if visit.principal.may("programme:read"):
        for replay, rules, _start, _end, status, total, done, _result, created_at, _finished in replays.newest(
            uow, MOST
        ):
            to = f"{HOME}/rules/rls_{rules}"
            stop = f"{HOME}/rules/replays/rpl_{replay}/cancel" if visit.principal.may("programme:write") else ""
            yield LongWork(_l("Rehearsal of rules"), "", status, done or 0, total, created_at, to, stop)
    if visit.principal.may("settlement:read"):
        yield from _closings(uow)
    if visit.principal.may("coupons:read"):
        for batch in bulk.newest_batches(uow, MOST):
            figures = batch.status, batch.issued, batch.quantity, batch.created_at
            to = f"{HOME}/code-batches/{batch.id}"
            stop = f"{to}/cancel" if visit.principal.may("coupons:issue") else ""
            yield LongWork(_l("Codes of coupons"), batch.name, *figures, to, stop)
        for issue in giving.newest_issues(uow, MOST):
            to = f"{HOME}/issues/{issue.id}"
            stop = f"{to}/cancel" if visit.principal.may("coupons:issue") else ""
            yield LongWork(_l("Coupons given"), "", issue.status, issue.issued, None, issue.created_at, to, stop)


def _closings(uow: UnitOfWork) -> Iterator[LongWork]:
    """Periods of settlement; of one that is being closed nobody knows how much there is still to gather."""
    for one in settlement.newest_closings(uow, MOST):
        name, to = formats.span(one.starts_on, one.ends_on), f"{HOME}/settlement/periods/{one.period_id}"
        status, since = "running" if one.status == "closing" else "done", one.closed_at or uow.now
        yield LongWork(_l("Close of a settlement period"), name, status, one.items, None, since, to)
