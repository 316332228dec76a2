"""`/console/settings`: what the district is called and looks like, and what its points mean."""

from __future__ import annotations

from typing import Any

from app.console.door import console, must
from app.console.places import HOME
from app.districts import queries as districts
from app.districts import services
from app.districts.present import show_district
from app.districts.schemas import DistrictChange
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import Conflict
from app.pages import forms
from app.pages.doors import Visit
from app.pages.forms import Form, Texts
from app.pages.outcomes import Go, Handed, WebPage
from app.pages.readers import count
from app.points.programme import queries
from app.points.programme import services as programme_services
from app.points.programme.present import show_programme
from app.points.schemas import ProgrammeChange

HERE = f"{HOME}/settings"
_TERMS = ProgrammeChange()
_COUNTS = (
    "pending_days",
    "max_spend_percent",
    "min_spend_points",
    "late_sale_days",
    "expiry.months",
    "expiry.grace_months",
)
_MONTHS_OF = {"months": "expiry.months", "year_end": "expiry.grace_months"}
_VERSION, _WAS = "version", "was"
_MEANWHILE = _l("Somebody has changed this meanwhile. Look through what stands here, and save again.")


@console.page("/settings")
def settings(uow: UnitOfWork, visit: Visit) -> Handed:
    """Each setting with what a change of it means."""
    must(visit, "programme:read")
    district, programme = show_district(districts.district(uow)), show_programme(queries.programme(uow))
    is_of_district = _WAS in visit.form.texts
    values = {
        "of": district,
        "look": visit.form if is_of_district else Form(),
        "terms": visit.form if visit.form.texts and not is_of_district else Form(forms.texts_of(_TERMS, programme)),
        "version": programme["updated_at"],
        "was": _was(district),
        "may_change": visit.principal.may("programme:write") and visit.principal.is_alliance,
    }
    return WebPage("console/settings.html", values)


def _was(district: dict[str, Any]) -> str:
    """By which a form tells what it was opened with."""
    return f"{district['brand_color'] or ''} {district['name']}"


@console.act("/settings/district", form=DistrictChange(), again=settings)
def change_district(uow: UnitOfWork, visit: Visit) -> Handed:
    """Another name, or another colour of the pages."""
    must(visit, "programme:write", alliance_only=True)
    known = show_district(districts.district(uow))
    if visit.form.texts.get(_WAS) != _was(known):
        raise Conflict(_MEANWHILE)
    changes = {name: value for name, value in visit.body.items() if value != known[name]}
    if changes:
        services.update_district(uow, uow.district_id, changes)
        audit.record(uow, "district.changed", uow.district_id, {"fields": sorted(changes)})
    return Go(f"{HERE}?told=changed")


@console.act("/settings/programme", again=settings)
def change_programme(uow: UnitOfWork, visit: Visit) -> Handed:
    """Other terms for what comes; points that were earned keep theirs."""
    must(visit, "programme:write", alliance_only=True)
    sent = forms.read(_TERMS, _meant(visit.form.texts), dict.fromkeys(_COUNTS, count))
    services.lock_configuration(uow)
    programme = queries.programme(uow)
    if visit.form.texts.get(_VERSION) != show_programme(programme)["updated_at"]:
        raise Conflict(_MEANWHILE)
    changes = {name: value for name, value in sent.items() if value != getattr(programme, name)}
    if changes:
        programme_services.change_programme(uow, changes)
        audit.record(uow, "programme.changed", uow.district_id, {"fields": sorted(changes)})
    return Go(f"{HERE}?told=changed")


def _meant(texts: Texts) -> Texts:
    """Without the months of another way of ending."""
    wanted = _MONTHS_OF.get(texts.get("expiry.policy", ""))
    meant = texts.copy()
    for name in set(_MONTHS_OF.values()) - {wanted}:
        meant.poplist(name)
    return meant
