"""`/console/billing`: what the district pays the operator, and by which card. It works when the rest only shows."""

from __future__ import annotations

from app.billing import mandates
from app.billing.present import show_billing
from app.console.door import console, must
from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.pages.doors import Visit
from app.pages.outcomes import Go, Handed, WebPage

READ, WRITE = "settlement:read", "settlement:write"


@console.page("/billing")
def billing(uow: UnitOfWork, visit: Visit) -> Handed:
    """The plan, how it stands, and the invoices."""
    must(visit, READ, alliance_only=True)
    zone = districts.district(uow).time_zone
    return WebPage("console/billing.html", {"billing": show_billing(uow), "zone": zone})


@console.page("/billing/card", own_transaction=True)
def give_card(visit: Visit) -> Handed:
    """Leads to the provider's page, on which a card or account is given. A link, for our forms lead to no other site."""
    must(visit, WRITE, alliance_only=True, step_up=True)
    url = mandates.begin(visit.principal)
    with unit_of_work(visit.principal) as uow:
        audit.record(uow, "billing.mandate_begun", visit.principal.district_id)
    return Go(url)
