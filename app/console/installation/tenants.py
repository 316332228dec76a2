"""`/console/installation`: the districts of the installation."""

from __future__ import annotations

from app.console.door import console
from app.console.lists import listing
from app.console.places import HOME, operator
from app.districts import queries, schemas, services
from app.districts.present import page_of_districts, show_district
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.i18n import words as _l
from app.foundation.problems import Forbidden, SecondFactorRequired
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage

HERE = f"{HOME}/installation"


def operator_only(visit: Visit) -> None:
    """Raises what keeps somebody from the pages of the installation."""
    if visit.principal.wants:
        raise SecondFactorRequired
    if not operator(visit.principal):
        raise Forbidden(_l("Only the operator of the installation may do that."))


@console.page("/installation")
def tenants(uow: UnitOfWork, visit: Visit) -> Handed:
    """Districts, newest first."""
    operator_only(visit)
    asked = listing(HERE, schemas.DISTRICTS)
    found = page_of_districts(uow, asked.query)
    shown = asked.showing([one["id"] for one in found["data"]], has_more=found["has_more"])
    return WebPage("console/tenants.html", {"listing": shown, "tenants": found["data"]})


@console.page("/installation/new")
def new_tenant(uow: UnitOfWork, visit: Visit) -> Handed:
    """What a district needs to begin."""
    operator_only(visit)
    return WebPage("console/new_tenant.html", {"currencies": schemas.CURRENCIES})


@console.act("/installation/new", form=schemas.DistrictBody(), again=new_tenant)
def create_tenant(uow: UnitOfWork, visit: Visit) -> Handed:
    """Makes a district; its first key is shown once."""
    operator_only(visit)
    district, key, secret = services.create_district(uow, **visit.body)
    with uow.inside(district.id):
        audit.record(uow, "district.created", district.id)
    values = {"made": show_district(district), "secret": secret, "key_id": key.id}
    return WebPage("console/made_tenant.html", values)


@console.page("/installation/<dis:district_id>")
def tenant(uow: UnitOfWork, visit: Visit, district_id: str) -> Handed:
    """A district, to be renamed or given another colour."""
    operator_only(visit)
    return WebPage("console/tenant.html", {"tenant": show_district(queries.find_district(uow, district_id))})


@console.act("/installation/<dis:district_id>", form=schemas.DistrictChange(), again=tenant)
def change_tenant(uow: UnitOfWork, visit: Visit, district_id: str) -> Handed:
    """Renames it, or gives its pages another colour."""
    operator_only(visit)
    services.update_district(uow, district_id, visit.body)
    with uow.inside(district_id):
        audit.record(uow, "district.changed", district_id, {"fields": sorted(visit.body)})
    return Go(f"{HERE}?told=changed")
