"""The door itself: who comes, what stands around its pages, and where refusals lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from flask import request
from limits import RateLimitItemPerMinute

from app.districts import queries as districts
from app.districts.colours import PINE
from app.districts.services import district_of_slug
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.limits.lookers import count_look
from app.foundation.problems import DomainError, Unauthorized
from app.foundation.runtime import runtime
from app.foundation.tenancy import NOBODY, Principal
from app.pages.doors import Door, Path, Visit
from app.pages.outcomes import Cookie, kept_cookie
from app.signin.errors import FreshProofRequired
from app.signin.sessions import browsers

_NEXT = "next"
LOOKS = RateLimitItemPerMinute(1200, namespace="pages")
"""Of one network, at pages and at what they bring along: a whole street may share one. Members have their own limit."""


def home(path: Path) -> str:
    """The address of a district's first page, without its last slash."""
    return f"/s/{path['slug']}"


def cookie_name(path: Path) -> str:
    """Each district has a cookie of its own: they stand side by side on one host."""
    return f"shopper-{path['slug']}"


def session_cookie(path: Path, token: str) -> Cookie:
    """The cookie of a session that begins."""
    return Cookie(cookie_name(path), token, runtime().settings.session_days * 24 * 3600)


def ended_cookie(path: Path) -> Cookie:
    """The same cookie, to be forgotten."""
    return Cookie(cookie_name(path), "", 0)


def _caller(path: Path) -> Principal:
    """The member by the cookie of this district, or a visitor. Raises NotFound, RateLimited."""
    member = browsers.member_of(kept_cookie(cookie_name(path)))
    if member is None:
        count_look(LOOKS)
    district_id = district_of_slug(path["slug"])
    if member is not None and member.district_id == district_id:
        return member
    return Principal("visitor", f"vis_{NOBODY}", district_id)


def _frame(uow: UnitOfWork, visit: Visit) -> Mapping[str, Any]:
    district = districts.district(uow)
    return {
        "district": district.name,
        "brand": district.brand_color or PINE,
        "currency": district.currency,
        "zone": district.time_zone,
        "slug": district.slug,
        "home": home(visit.path),
        "today": uow.now.astimezone(ZoneInfo(district.time_zone)).date(),
        "now_at": uow.now,
        "is_signed_in": visit.is_signed_in,
        "session": visit.principal.session_id,
        "told": visit.asked("told"),
    }


def _elsewhere(error: DomainError, path: Path) -> str | None:
    """Who isn't signed in joins first, who has to prove its number anew does so, and both come back."""
    if isinstance(error, Unauthorized):
        return f"{home(path)}/join"
    if isinstance(error, FreshProofRequired):
        return f"{home(path)}/me/proof?{urlencode({_NEXT: request.path})}"
    return None


def next_of(visit: Visit, default: str) -> str:
    """Where a page leads afterwards: to one of this district, whatever the address says."""
    wanted = visit.form.texts.get(_NEXT, "") or visit.asked(_NEXT)
    is_own = wanted.startswith(f"{home(visit.path)}/") and "//" not in wanted and "\\" not in wanted
    return quote(wanted, safe="/?=&-_.~") if is_own else default


shopper = Door("shopper", __name__, url_prefix="/s/<slug:slug>", caller=_caller, frame=_frame, elsewhere=_elsewhere)
