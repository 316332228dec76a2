"""Notices: what one was told, newest first."""

from __future__ import annotations

from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.fields import Nothing
from app.notices import services
from app.notices.present import readable_notices
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage
from app.shopper.door import home, shopper

MOST = 100
_LEADS_TO = {
    "points-expiring": "/points",
    "points-expired": "/points",
    "points-adjusted": "/points",
    "coupon": "/coupons",
    "case-answered": "/me/cases",
}
"""Where one sees more of it, by kind."""


@shopper.page("/me/notices")
def own_notices(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """The last hundred, those unread marked."""
    found = readable_notices(uow, [visit.principal.id], MOST)
    return WebPage("shopper/notices.html", {"notices": found, "leads_to": _LEADS_TO})


@shopper.act("/me/notices", form=Nothing(), again=own_notices)
def mark_notices(uow: UnitOfWork, visit: Visit, **_: str) -> Handed:
    """All have been read."""
    services.mark_read(uow, visit.principal.id)
    return Go(f"{home(visit.path)}/me/notices")
