"""`/console/installation/bills`: what districts pay, and how that stands."""

from __future__ import annotations

from typing import Any

from app.billing import keeping, queries, schemas, services
from app.billing.present import show_billing
from app.console.door import console
from app.console.installation.tenants import HERE, operator_only
from app.console.lists import listing
from app.districts import queries as districts
from app.districts.present import page_of_districts
from app.districts.schemas import DISTRICTS
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.tenancy import system_principal
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage

BILLS = f"{HERE}/bills"
_A_PAGE = 20
"""Each district is asked by itself, behind its own wall."""


@console.page("/installation/bills")
def bills(uow: UnitOfWork, visit: Visit) -> Handed:
    """Plans, and by district what it has and whether it pays."""
    operator_only(visit)
    asked = listing(BILLS, DISTRICTS)
    found = page_of_districts(uow, {**asked.query, "limit": _A_PAGE})
    rows = [{**one, "billing": _billing_of(one["id"])} for one in found["data"]]
    shown = asked.showing([one["id"] for one in rows], has_more=found["has_more"])
    plans = list(uow.session.scalars(queries.plans(uow)))
    return WebPage("console/bills.html", {"listing": shown, "rows": rows, "plans": plans})


def _billing_of(district_id: str) -> dict[str, Any]:
    with unit_of_work(system_principal(district_id)) as uow:
        return show_billing(uow)


@console.act("/installation/<dis:district_id>/billing", form=schemas.AgreementBody())
def agree_on_plan(uow: UnitOfWork, visit: Visit, district_id: str) -> Handed:
    """Gives a district a plan."""
    operator_only(visit)
    districts.find_district(uow, district_id)
    plan = queries.find_plan(uow, visit.body["plan_id"])
    with uow.inside(district_id):
        services.agree(uow, plan, visit.body["trial_days"])
        audit.record(uow, "billing.agreed", district_id, {"plan_id": plan.id})
    return Go(f"{BILLS}?told=agreed", jobs=(keeping.job_of(district_id),))
