"""Points: every movement, with its shop, its sum, and why."""

from __future__ import annotations

from app.care.movements import movements_of
from app.foundation.database.unit_of_work import UnitOfWork
from app.pages.doors import Visit
from app.pages.outcomes import Handed, WebPage
from app.points.present import show_points
from app.shopper.card import worth_of
from app.shopper.door import home, shopper

_PAGE = 20


@shopper.page("/points")
def points(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The movements, newest first."""
    own, before = visit.principal.id, visit.asked("before")
    below = int(before) if before.isdecimal() and len(before) < 18 else 1 << 62
    found = movements_of(uow, own, below=below, limit=_PAGE + 1)
    shown = found[:_PAGE]
    here = f"{home(visit.path)}/points"
    told = show_points(uow, own)
    values = {
        "points": told,
        "worth": worth_of(uow, told["spendable"]),
        "movements": shown,
        "newer": here if below < 1 << 62 else None,
        "older": f"{here}?before={shown[-1].sequence}" if len(found) > _PAGE else None,
    }
    return WebPage("shopper/points.html", values)
