"""The doors themselves: who comes, what stands around the pages, and where refusals lead.

What somebody does in a district and what it does in its own matters are two doors: rows of accounts stand elsewhere than
those of districts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from flask import request

from app.billing import queries as billing
from app.console.places import HOME, places_of
from app.districts import queries as districts
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.i18n import words as _l
from app.foundation.problems import (
    DistrictNotChosen,
    DomainError,
    Forbidden,
    SecondFactorRequired,
    StepUpRequired,
    Unauthorized,
)
from app.foundation.runtime import runtime
from app.foundation.tenancy import NOBODY, OPERATOR_DISTRICT, Principal, at_home
from app.pages.doors import Door, Path, Visit
from app.pages.errors import ConsoleReadOnly
from app.pages.outcomes import Cookie, Go
from app.staff import queries
from app.staff.people.present import show_staff_member
from app.staff.sessions import services as sessions
from app.staff.sessions.services import Opened

SIGNED_IN, WAITING = "staff", "staff-waiting"
NEXT = "next"
STILL = ("/billing", "/sign-out", "/districts", "/invitations")
"""What is done in a console that only shows: paying, leaving, working elsewhere."""
_WAYS: dict[type[DomainError], str] = {
    Unauthorized: "sign-in",
    DistrictNotChosen: "districts",
    SecondFactorRequired: "account",
    StepUpRequired: "account/password-again",
}


def kept(name: str) -> str:
    """What a browser keeps for us under a name."""
    return request.cookies.get(f"__Host-{name}", "")


def _caller(_path: Path) -> Principal:
    """Who is signed in, by the cookie; else a visitor."""
    token = kept(SIGNED_IN)
    try:
        principal = runtime().authenticate(token) if token else None
    except Unauthorized:
        principal = None
    return principal if principal is not None and principal.is_person else visitor()


def visitor() -> Principal:
    """Who isn't signed in, where accounts are kept."""
    return Principal("visitor", f"vis_{NOBODY}", OPERATOR_DISTRICT)


def _own(path: Path) -> Principal:
    principal = _caller(path)
    return at_home(principal) if principal.is_person else principal


def _frame(uow: UnitOfWork, visit: Visit) -> Mapping[str, Any]:
    principal = visit.principal
    shown: dict[str, Any] = {
        "is_signed_in": visit.is_signed_in,
        "told": visit.asked("told"),
        "district": None,
        "me": None,
        "places": places_of(principal),
        "here": request.path,
    }
    if visit.is_signed_in and uow.district_id != OPERATOR_DISTRICT:
        shown["district"] = districts.district(uow).name
        row = queries.staff_row(uow, principal.id)
        shown["me"] = show_staff_member(row) if row else None
    return shown


def _elsewhere(error: DomainError, path: Path) -> str | None:
    """Who isn't signed in does that first; who has to choose or to prove something does so; and all come back."""
    way = next((way for kind, way in _WAYS.items() if isinstance(error, kind)), None)
    if way is None:
        return None
    back = "" if request.method != "GET" or request.path in (HOME, f"{HOME}/") else request.full_path.rstrip("?")
    return f"{HOME}/{way}" + (f"?{urlencode({NEXT: back})}" if back else "")


def next_of(visit: Visit) -> str:
    """Where a page leads afterwards: to one of the console, whatever the address says."""
    wanted = visit.form.texts.get(NEXT, "") or visit.asked(NEXT)
    is_own = wanted.startswith(f"{HOME}/") and "//" not in wanted and "\\" not in wanted
    return quote(wanted, safe="/?=&-_.~%") if is_own else f"{HOME}/"


def let_in(opened: Opened, to: str = f"{HOME}/") -> Go:
    """The way on for who is signed in, with the cookie of its session."""
    seconds = int(sessions.LASTS.total_seconds())
    cookies = (Cookie(SIGNED_IN, opened.token, seconds), Cookie(WAITING, "", 0))
    wanted = {"district": f"{HOME}/districts", "second-factor": f"{HOME}/account"}
    return Go(wanted.get(opened.wants, to), cookies=cookies)


def must(visit: Visit, scope: str, *, alliance_only: bool = False, step_up: bool = False) -> None:
    """Raises what keeps somebody from a page of its district: what it must do first, or a scope it lacks."""
    principal = visit.principal
    if principal.wants:
        raise DistrictNotChosen if principal.wants == "district" else SecondFactorRequired
    if scope and not principal.may(scope):
        raise Forbidden(_l("Your role lacks the scope %(scope)s.", scope=scope))
    if alliance_only and not principal.is_alliance:
        raise Forbidden(_l("Only the alliance may do that."))
    if step_up and not runtime().has_stepped_up(principal):
        raise StepUpRequired


def _guard(rule: str, visit: Visit) -> None:
    """Where the operator wasn't paid the console only shows. Tills and programs come by other doors."""
    principal = visit.principal
    if principal.kind != "staff" or principal.district_id == OPERATOR_DISTRICT or rule.startswith(STILL):
        return
    with unit_of_work(principal) as uow:
        if billing.is_read_only(uow):
            raise ConsoleReadOnly


console = Door("console", __name__, url_prefix=HOME, caller=_caller, frame=_frame, elsewhere=_elsewhere, guard=_guard)
account = Door(
    "console_account", __name__, url_prefix=f"{HOME}/account", caller=_own, frame=_frame, elsewhere=_elsewhere
)
