"""`/v1/plans` and `/v1/districts/{id}/billing` for the operator, `/v1/billing` for the alliance."""

from __future__ import annotations

from app.billing import answers, keeping, mandates, queries, schemas, services
from app.billing.errors import NothingBilled, PlanSet, ProviderAway
from app.billing.present import page_of_plans, show_billing, show_plan
from app.districts import queries as districts
from app.foundation import audit
from app.foundation.database.unit_of_work import UnitOfWork, unit_of_work
from app.foundation.http.answers import Answer
from app.foundation.http.routing import OPERATOR, Call, Routes

plans = Routes("plans", __name__, url_prefix="/v1/plans")
agreements = Routes("agreements", __name__, url_prefix="/v1/districts")
billing = Routes("billing", __name__, url_prefix="/v1/billing")
ROOMS = (plans, agreements, billing)


@plans.serve("GET", "", scope=OPERATOR, query=schemas.PLANS, answers={200: answers.PLANS})
def list_plans(uow: UnitOfWork, call: Call) -> Answer:
    """List the plans that are offered to districts, newest first."""
    return Answer(page_of_plans(uow, call.query))


@plans.serve("POST", "", scope=OPERATOR, body=schemas.PlanBody(), answers={201: answers.PLAN}, audit="plan.created")
def create_plan(uow: UnitOfWork, call: Call) -> Answer:
    """Add a plan. It never changes; a district that has it goes on paying what it was promised."""
    return Answer(show_plan(services.create_plan(uow, **call.body)), 201)


@agreements.serve("GET", "/<dis:district_id>/billing", scope=OPERATOR, answers={200: answers.BILLING})
def get_district_billing(uow: UnitOfWork, call: Call, district_id: str) -> Answer:
    """Read what a district pays, and how that stands."""
    districts.find_district(uow, district_id)
    with uow.inside(district_id):
        return Answer(show_billing(uow))


@agreements.serve(
    "POST",
    "/<dis:district_id>/billing",
    scope=OPERATOR,
    body=schemas.AgreementBody(),
    answers={202: answers.BILLING},
    problems=(PlanSet,),
    audit="billing.agreed",
)
def agree_billing(uow: UnitOfWork, call: Call, district_id: str) -> Answer:
    """Give a district a plan, with its trial. The subscription is made at the payment provider by a job."""
    districts.find_district(uow, district_id)
    plan = queries.find_plan(uow, call.body["plan_id"])
    with uow.inside(district_id):
        services.agree(uow, plan, call.body["trial_days"])
        return Answer(show_billing(uow), 202, jobs=(keeping.job_of(district_id),))


@agreements.serve(
    "POST",
    "/<dis:district_id>/billing/end",
    scope=OPERATOR,
    answers={202: answers.BILLING},
    problems=(NothingBilled,),
    audit="billing.ended",
)
def end_billing(uow: UnitOfWork, call: Call, district_id: str) -> Answer:
    """End a district's subscription. Its console only shows from then on; tills and programs go on until their keys are revoked."""
    districts.find_district(uow, district_id)
    with uow.inside(district_id):
        services.end(uow)
        return Answer(show_billing(uow), 202, jobs=(keeping.job_of(district_id),))


@billing.serve("GET", "", scope="settlement:read", alliance_only=True, answers={200: answers.BILLING})
def get_billing(uow: UnitOfWork, call: Call) -> Answer:
    """Read what the district pays the operator: its plan, how that stands, and the invoices."""
    return Answer(show_billing(uow))


@billing.serve(
    "POST",
    "/mandate",
    scope="settlement:write",
    alliance_only=True,
    own_transaction=True,
    answers={201: answers.MANDATE},
    problems=(NothingBilled, ProviderAway),
)
def begin_billing_mandate(call: Call) -> Answer:
    """Begin to give a card or account from which invoices are paid: on a page of the payment provider, at `url`."""
    url = mandates.begin(call.principal)
    with unit_of_work(call.principal, origin=call.origin) as uow:
        audit.record(uow, "billing.mandate_begun", call.principal.district_id)
    return Answer({"object": "mandate", "url": url}, 201)
